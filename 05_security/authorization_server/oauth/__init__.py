"""OAuth 2, put together from Authlib's parts: grants, client authentication, PKCE, JWTs."""
