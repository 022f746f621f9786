// Keeps the files of the browser edition, so that a second visit asks the network for none of them.

const KEPT = "$folder-$build";

// JupyterLite has a service worker of its own, which follows this one in the same file: what is
// answered here is none of its business. It must not skip waiting either: a page that is open would
// get files of two builds.
self.addEventListener("install", (event) => event.stopImmediatePropagation());

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method !== "GET" || !isOurs(new URL(url))) return;
  event.stopImmediatePropagation();
  event.respondWith(answer(event.request));
});

function isOurs({ origin, pathname }) {
  const site = new URL("../", self.registration.scope);
  return (
    origin === site.origin &&
    ["$folder/", "pyodide/"].some((folder) => pathname.startsWith(site.pathname + folder))
  );
}

async function answer(request) {
  const kept = await caches.open(KEPT);
  const name = request.url.replace(/[?#].*/, "").replace(/\/$$/, "/index.html");
  const found = await kept.match(name);
  if (found) return found;
  // What the browser's own cache has may be of an earlier build: ask whether it still holds.
  const fresh = await fetch(request, { cache: "no-cache" });
  if (fresh.ok && !fresh.redirected) await kept.put(name, fresh.clone());
  return fresh;
}

async function forgetOthers() {
  const names = (await caches.keys()).filter((name) => name.startsWith("$folder-") && name !== KEPT);
  await Promise.all(names.map((name) => caches.delete(name)));
}
