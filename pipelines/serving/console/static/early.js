// Sets the chosen theme before the first paint, so that the page does not flash.
(() => {
  const theme = localStorage.getItem("needloop.theme");
  if (theme) document.documentElement.dataset.theme = theme;
})();
