// Light, dark, or as the system has it: the same choice as on the other pages of the site.

import { at } from "./elements.mjs";

const NEXT = { auto: "light", light: "dark", dark: "auto" };

export function prepareTheme() {
  let theme = document.documentElement.dataset.theme ?? "auto";
  const show = () => {
    document.documentElement.dataset.theme = theme;
    at("theme").textContent = `Theme: ${theme}`;
  };
  at("theme").onclick = () => {
    theme = NEXT[theme] ?? "auto";
    show();
    try {
      localStorage.theme = theme;
    } catch {
      // it lasts as long as this page
    }
  };
  show();
}
