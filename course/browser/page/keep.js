// Keeps the files of the browser edition, so that a second visit asks the network for none of them.

const KEPT = "try-$build";

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method === "GET" && isOurs(new URL(url))) event.respondWith(answer(event.request));
});

function isOurs({ origin, pathname }) {
  const site = new URL("../", self.registration.scope);
  return (
    origin === site.origin &&
    ["try/", "pyodide/"].some((folder) => pathname.startsWith(site.pathname + folder))
  );
}

async function answer(request) {
  const kept = await caches.open(KEPT);
  const name = request.url.replace(/[?#].*/, "").replace(/\/$$/, "/index.html");
  const found = await kept.match(name);
  if (found) return found;
  const fresh = await fetch(request);
  if (fresh.ok && !fresh.redirected) await kept.put(name, fresh.clone());
  return fresh;
}

async function forgetOthers() {
  const names = (await caches.keys()).filter((name) => name.startsWith("try-") && name !== KEPT);
  await Promise.all(names.map((name) => caches.delete(name)));
}
