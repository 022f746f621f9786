// What nginx does not know of the answers that it keeps: how old they are, and when they are too old.

// How many seconds ago the API made the answer that the gateway gives (RFC 9111, section 5.1).
function seconds(request) {
    const made = Date.parse(request.variables.upstream_http_date);
    const isKept = /HIT|STALE/.test(request.variables.upstream_cache_status);
    const now = 1000 * request.variables.msec; // by the clock that told nginx whether it is fresh
    return isKept ? String(Math.max(0, Math.floor((now - made) / 1000))) : "";
}

// The last second in which the answer's age is less than its max-age (RFC 9111, section 4.2), as
// X-Accel-Expires has it; or nothing, if nobody but its reader may keep it.
function freshUntil(request) {
    const allowed = request.variables.upstream_http_cache_control || "";
    const lifetime = /s-maxage=(\d+)/i.exec(allowed) || /max-age=(\d+)/i.exec(allowed);
    const made = Date.parse(request.variables.upstream_http_date);
    if (/private|no-cache|no-store/i.test(allowed) || !lifetime || lifetime[1] === "0" || !made) {
        return "";
    }
    return "@" + (made / 1000 + Number(lifetime[1]) - 1);
}

// Remember that a request has changed what is at its URL; or, which comes to the same for who reads
// it again, that the API has told a client that somebody else had done so.
function rememberChange(request) {
    const isSafe = /^(GET|HEAD|OPTIONS|TRACE)$/.test(request.method);
    if (!isSafe && (request.status < 400 || request.status === 409 || request.status === 412)) {
        ngx.shared.changes.set(url(request), request.variables.request_id);
    }
}

function lastChange(request) {
    return ngx.shared.changes.get(url(request)) || "";
}

function url(request) {
    const known = request.variables;
    return known.scheme + "://" + known.http_host + known.request_uri;
}

export default { seconds, freshUntil, rememberChange, lastChange };
