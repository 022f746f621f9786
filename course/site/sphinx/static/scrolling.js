// What is wider than its place can be scrolled from the keyboard as well.
function makeReachable() {
  for (const box of document.querySelectorAll("pre, .table-wrapper, .highlight-diff > .highlight")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

addEventListener("resize", makeReachable);
addEventListener("load", makeReachable);
