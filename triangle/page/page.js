// The stepper: shows one step, which the fragment names (#step=12).
(function () {
  "use strict";
  var steps = Array.prototype.slice.call(document.querySelectorAll("article.step"));
  var slider = document.getElementById("slider"), now = document.getElementById("now");
  var last = steps.length - 1, at = -1;
  document.documentElement.classList.add("js");

  function show(n) {
    n = Math.max(0, Math.min(last, n));
    if (n === at) { return; }
    at = n;
    steps.forEach(function (s, i) { s.hidden = i !== n; });
    document.querySelectorAll("tr[aria-current]").forEach(function (r) { r.removeAttribute("aria-current"); });
    var row = document.getElementById("row-" + n), box = row.closest(".scroll");
    row.setAttribute("aria-current", "step");
    if (row.offsetTop < box.scrollTop + 40 || row.offsetTop + row.offsetHeight > box.scrollTop + box.clientHeight) {
      box.scrollTop = row.offsetTop - box.clientHeight / 2;
    }
    slider.value = n;
    slider.setAttribute("aria-valuetext", "step " + n + " of " + last);
    now.textContent = steps[n].dataset.say;
  }
  // go makes a step part of the history, so that back leads to the one before.
  function go(n) {
    n = Math.max(0, Math.min(last, n));
    if (n !== at) { location.hash = "step=" + n; }
  }
  function fromHash() {
    var m = /^#step=(\d+)$/.exec(location.hash);
    show(m ? Number(m[1]) : 0);
  }
  function onClick(id, f) { document.getElementById(id).addEventListener("click", f); }
  onClick("first", function () { go(0); });
  onClick("back", function () { go(at - 1); });
  onClick("next", function () { go(at + 1); });
  onClick("last", function () { go(last); });
  slider.addEventListener("input", function () { go(Number(slider.value)); });
  document.addEventListener("keydown", function (e) {
    if (e.ctrlKey || e.altKey || e.metaKey || e.target === slider) { return; }
    var to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: last }[e.key];
    if (to === undefined || e.target.closest("pre, .scroll")) { return; }
    e.preventDefault();
    go(to);
  });
  document.querySelectorAll("button.copy").forEach(function (b) {
    b.addEventListener("click", function () {
      var text = document.getElementById(b.dataset.copy).textContent;
      var done = function () { var was = b.textContent; b.textContent = "Copied"; setTimeout(function () { b.textContent = was; }, 1500); };
      if (navigator.clipboard) { navigator.clipboard.writeText(text).then(done, function () { select(b); }); } else { select(b); }
    });
  });
  function select(b) { getSelection().selectAllChildren(document.getElementById(b.dataset.copy)); }
  window.addEventListener("hashchange", fromHash);
  fromHash();
})();
