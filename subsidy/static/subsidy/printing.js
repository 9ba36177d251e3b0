/* Enhancement of pages to print: a button that opens the browser's own print window. */
(() => {
  "use strict";
  for (const button of document.querySelectorAll("[data-print]")) {
    button.addEventListener("click", () => window.print());
  }
})();
