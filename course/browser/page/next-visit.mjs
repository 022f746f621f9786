// Lets a service worker keep what this page loads, where the browser and the host allow it.

const PATIENCE = 10_000; // milliseconds: the page works without it

export async function keepForNextVisit(script) {
  if (!navigator.serviceWorker) return; // plain HTTP, or a private window
  try {
    await navigator.serviceWorker.register(script);
    const inCharge = takesOver();
    inCharge.then(keepThisPage).catch(() => {}); // then the browser's own cache has to do
    await Promise.race([inCharge, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
  } catch {
    // as above
  }
}

/** Ask once more for all that comes to a page whose service worker may take over at any moment. */
export function keepWhateverComes() {
  if (!navigator.serviceWorker || navigator.serviceWorker.controller) return;
  takesOver().then(() => {
    const asked = new Set([location.href]);
    fetch(location.href);
    new PerformanceObserver((list) => {
      for (const { name } of list.getEntries()) {
        if (!asked.has(name) && name.startsWith(location.origin)) fetch(name);
        asked.add(name);
      }
    }).observe({ type: "resource", buffered: true });
  });
}

function takesOver() {
  if (navigator.serviceWorker.controller) return Promise.resolve();
  return new Promise((resolve) => {
    navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true });
  });
}

/** Ask once more, through the service worker, for what came before it was there. */
async function keepThisPage() {
  const own = [location.pathname, ...performance.getEntriesByType("resource").map(({ name }) => name)];
  await Promise.all(own.map((url) => fetch(url)));
}
