// The page in which the law is played. Where one stands (protocol, model, schedule, step) is
// in the address, after the #: so a link is a state, and the browser's back takes a step back.
// The law runs in a worker and answers what there is to see there; a second worker searches.
"use strict";
const byId = (id) => document.getElementById(id);
const start = { protocol: "DeepestLock", model: "Recycle", step: 0, schedule: "" };
let place = start; // what is shown
let last = 0; // moves in its schedule
let law = null; // the worker that answers
let finder = null; // the worker that searches
let newWorker = null; // makes one, as soon as the law is there

// Addresses.

function fromHash() {
  const q = new URLSearchParams(location.hash.slice(1));
  if (!q.has("protocol")) { return start; }
  return { protocol: q.get("protocol"), model: q.get("model") || "", step: Number(q.get("step")) || 0, schedule: q.get("schedule") || "" };
}
function toHash(p) {
  const text = (s) => encodeURI(s).replace(/[&#]/g, encodeURIComponent).replace(/%20/g, "+");
  return "#protocol=" + text(p.protocol) + "&model=" + text(p.model) + "&step=" + p.step + "&schedule=" + text(p.schedule);
}
function go(p) {
  const hash = toHash(p);
  if (hash === location.hash) { ask(); } else { location.hash = hash; }
}
const taken = () => place.schedule.split(" ").filter(Boolean).slice(0, place.step);
const seek = (step) => go({ ...place, step: Math.max(0, Math.min(last, step)) });
function take(move) {
  const before = taken();
  const all = place.schedule.split(" ").filter(Boolean);
  const rest = all[place.step] === move ? all.slice(place.step + 1) : []; // the known way goes on
  go({ ...place, step: place.step + 1, schedule: [...before, move, ...rest].join(" ") });
}

// The law, in workers.

async function rootlockLaw({ wasm, exec }) {
  try {
    const packed = Uint8Array.from(atob(wasm), (c) => c.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    const program = await WebAssembly.compile(await new Response(stream).arrayBuffer());
    const source = exec + `
      onmessage = async (e) => {
        if (!e.data.program) { postMessage(rootlock(e.data)); return; }
        const go = new Go();
        go.run(await WebAssembly.instantiate(e.data.program, go.importObject));
        rootlock('{"worlds":' + e.data.worlds + '}');
        postMessage('{"ready":true}');
      };`;
    const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    newWorker = (onAnswer) => {
      const w = new Worker(address);
      w.onmessage = (e) => onAnswer(JSON.parse(e.data), w);
      w.onerror = (e) => say(byId("now"), "The law cannot run in this browser: " + e.message);
      w.postMessage({ program, worlds: byId("worlds").textContent });
      return w;
    };
    newWorker((answer, w) => {
      if (answer.ready) { law = w; ask(); } else { show(answer); }
    });
  } catch (e) {
    say(byId("now"), "The law cannot run in this browser: " + e.message);
  }
}
function ask() {
  stop();
  if (law) { law.postMessage(JSON.stringify(fromHash())); }
}
function stop(text) {
  if (!finder) { return; }
  finder.terminate();
  finder = null;
  byId("find").hidden = false;
  byId("stop").hidden = true;
  say(byId("found"), text || "");
}
function find() {
  stop();
  byId("find").hidden = true;
  byId("stop").hidden = false;
  say(byId("found"), "Searching…");
  const question = JSON.stringify({ ...place, search: true, claim: byId("claim").value });
  finder = newWorker((answer, w) => {
    if (answer.ready) { w.postMessage(question); return; }
    if (!answer.say && answer.progress) {
      say(byId("found"), "Searching: " + answer.progress.states.toLocaleString("en") + " states, " + answer.progress.depth + " steps deep.");
      return;
    }
    stop(answer.error || answer.say);
    if (answer.schedule) { shown = answer.say; go(answer); }
  });
}
const whatSearchDoes = byId("found").textContent;
let shown = ""; // what the search said of the place that is shown next

// The page.

function say(element, text) { element.textContent = text; }

function show(v) {
  if (v.error) {
    say(byId("now"), v.error.replace(/^rootlock: /, ""));
    byId("now").classList.add("bad");
    return;
  }
  byId("now").classList.remove("bad");
  place = { protocol: v.protocol, model: v.model, step: v.step, schedule: v.schedule };
  last = v.last;
  const focus = document.activeElement && document.activeElement.closest("[data-thread]");
  const open = [...document.querySelectorAll("details[open][data-keep]")].map((d) => d.dataset.keep);
  for (const id in v.html) { byId(id).innerHTML = v.html[id]; }
  for (const d of document.querySelectorAll("details[data-keep]")) { d.open = open.includes(d.dataset.keep); }
  if (focus) { // whoever steps a thread by keyboard stays there
    const again = document.querySelector('[data-thread="' + focus.dataset.thread + '"] button:not(:disabled)');
    (again || document.querySelector("button.move:not(:disabled)") || byId("back")).focus();
  }
  const slider = byId("slider");
  slider.max = last;
  slider.value = place.step;
  slider.setAttribute("aria-valuetext", "step " + place.step + " of " + last);
  for (const id of ["first", "back"]) { byId(id).disabled = place.step === 0; }
  for (const id of ["next", "last"]) { byId(id).disabled = place.step === last; }
  say(byId("now"), v.say);
  document.title = "rootlock play: " + place.protocol + "/" + place.model + ", step " + place.step;
  const row = byId("lanes").querySelector("[aria-current]");
  byId("lanes").scrollTop = row.offsetTop - byId("lanes").clientHeight / 2;
  for (const id of ["protocol", "model"]) { byId(id).value = place[id]; }
  say(byId("about"), ["protocol", "model"].map((id) => { const o = byId(id).selectedOptions[0]; return o && o.dataset.about ? o.value + ": " + o.dataset.about : ""; }).join(" "));
  const same = (o) => { const q = new URLSearchParams(o.value); return ["protocol", "model", "schedule"].every((id) => q.get(id) === place[id]); };
  byId("kept").selectedIndex = Math.max(0, [...byId("kept").options].findIndex(same));
  if (!finder) { say(byId("found"), shown || whatSearchDoes); }
  shown = "";
}

for (const [id, step] of [["first", () => 0], ["back", () => place.step - 1], ["next", () => place.step + 1], ["last", () => last]]) {
  byId(id).addEventListener("click", () => seek(step()));
}
byId("slider").addEventListener("input", (e) => seek(Number(e.target.value)));
for (const id of ["protocol", "model"]) {
  byId(id).addEventListener("change", () => { go({ protocol: byId("protocol").value, model: byId("model").value, step: 0, schedule: "" }); });
}
byId("kept").addEventListener("change", (e) => { if (e.target.value) { location.hash = "#" + e.target.value; } });
byId("find").addEventListener("click", () => { if (newWorker) { find(); } });
byId("stop").addEventListener("click", () => stop("Stopped."));
document.addEventListener("click", (e) => {
  const move = e.target.closest("[data-move]"), to = e.target.closest("[data-at]");
  if (move) { take(move.dataset.move); }
  if (to) { e.preventDefault(); seek(Number(to.dataset.at)); }
});
document.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.altKey || e.metaKey || e.target.closest("select, input, pre, .scroll")) { return; }
  const to = { ArrowRight: place.step + 1, ArrowLeft: place.step - 1, Home: 0, End: last }[e.key];
  if (to === undefined) { return; }
  e.preventDefault();
  seek(to);
});
function copy(button, text) {
  const was = button.textContent;
  const done = (how) => { button.textContent = how; setTimeout(() => { button.textContent = was; }, 1500); };
  if (!navigator.clipboard) { done("Copy it from the address bar"); return; }
  navigator.clipboard.writeText(text).then(() => done("Copied"), () => done("The browser forbids copying"));
}
byId("share").addEventListener("click", (e) => copy(e.target, location.href.split("#")[0] + toHash(place)));
byId("copy").addEventListener("click", (e) => copy(e.target, byId("command") ? byId("command").textContent : ""));
window.addEventListener("hashchange", ask);
