// How many seconds ago the API made the answer that the gateway gives (RFC 9111, section 5.1).

function seconds(request) {
    const made = Date.parse(request.variables.upstream_http_date);
    const isKept = /HIT|STALE/.test(request.variables.upstream_cache_status);
    return isKept ? String(Math.max(0, Math.floor((Date.now() - made) / 1000))) : "";
}

export default { seconds };
