// Before the first paint: the colours that were chosen here, so that nothing flashes.
(() => {
  const theme = localStorage.getItem("needloop.theme");
  if (theme) document.documentElement.dataset.theme = theme;
})();
