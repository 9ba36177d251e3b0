/* Enhancement of the filing pages: the year of the certificate follows its date while it is typed. */
(() => {
  "use strict";
  for (const output of document.querySelectorAll("[data-year-of]")) {
    const year = document.getElementById(output.dataset.yearOf);
    if (!year) continue;
    year.addEventListener("input", () => {
      output.textContent = /^\d{4}$/.test(year.value.trim()) ? year.value.trim() : "—";
    });
  }
})();
