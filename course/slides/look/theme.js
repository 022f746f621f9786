// Light or dark: as ?theme= says, or as was chosen last, or as the system is. Paper is light.
const theme = (() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const asked = new URLSearchParams(location.search).get("theme");

  function remembered() {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // a browser that keeps nothing for files
    }
  }

  function show(name) {
    document.documentElement.dataset.theme = name;
    document.dispatchEvent(new Event("themechange"));
  }

  const now = () => document.documentElement.dataset.theme;
  const onPaper = location.search.includes("print-pdf") && "light";
  const chosen = () => asked || onPaper || remembered();

  function toggle() {
    show(now() === "dark" ? "light" : "dark");
    try {
      localStorage.setItem("theme", now());
    } catch {
      // it lasts as long as the page
    }
  }

  show(chosen() || (system.matches ? "dark" : "light"));
  system.addEventListener("change", () => chosen() || show(system.matches ? "dark" : "light"));
  return { now, toggle };
})();
