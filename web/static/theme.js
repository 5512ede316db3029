// A file of its own, loaded before the first paint: the page's security policy allows no inline script.
(function () {
  var choice = "system";
  try {
    choice = localStorage.getItem("nephos.theme") || "system";
  } catch {
    // Storage can be forbidden; the system's theme is then the answer.
  }
  var dark = choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
