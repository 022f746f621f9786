"""The routes of an application: what the tables of 6.2 and 6.4, and the contract, must all have."""


def routes_of(url_map):
    """Return each method of each route: "GET /v1/movies/<id:movie_id>"."""
    return {
        f"{method} {rule.rule}"
        for rule in url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
