"use strict";
const $ = (id) => document.getElementById(id);

/** An element with properties and children; texts are never read as markup. */
function make(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

// ---- Calls of the API

const storage = "semblance-token";
const urls = new Set();

function keepURL(blob) {
  const url = URL.createObjectURL(blob);
  urls.add(url);
  return url;
}

async function call(path, options = {}) {
  const token = sessionStorage.getItem(storage);
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  let response;
  try {
    response = await fetch(path, { ...options, headers, credentials: "omit" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The server cannot be reached.");
  }
  if (response.ok) return response;
  let detail = `The server answered ${response.status}.`;
  try { detail = (await response.json()).detail ?? detail; } catch { /* not JSON */ }
  if (response.status === 401) {
    // What the server says is meant for programs.
    detail = token ? "The server does not know this token." : "This server asks who is calling.";
    askForToken();
  }
  if (response.status === 503) detail += " It is busy: try again in a moment.";
  throw new Error(detail.charAt(0).toUpperCase() + detail.slice(1));
}

function form(values) {
  const data = new FormData();
  for (const [name, value] of Object.entries(values)) {
    if (value instanceof File) data.append(name, value, "photo");
    else if (value !== "" && value !== null && value !== undefined) data.append(name, String(value));
  }
  return data;
}

function say(id, text, kind = "") {
  $(id).textContent = text;
  $(id).className = `status ${kind}`;
}

/** Runs work; a newer one of the same name calls the older off. */
const running = {};
async function work(name, status, text, action) {
  running[name]?.abort();
  const abort = new AbortController();
  running[name] = abort;
  say(status, text, "busy");
  try {
    await action(abort.signal);
  } catch (error) {
    if (error.name !== "AbortError") say(status, error.message, "error");
  }
}

function askForToken() {
  if (!$("token-dialog").open) $("token-dialog").showModal();
}
$("access").addEventListener("click", askForToken);
$("token-dialog").addEventListener("close", () => {
  if ($("token-dialog").returnValue === "save") {
    const token = $("token").value.trim();
    if (token) sessionStorage.setItem(storage, token); else sessionStorage.removeItem(storage);
    loadGalleries();
  }
  $("token").value = "";
});

// ---- Tabs

const tabs = ["unmask", "verify", "search"];
function show(name, focus = false) {
  for (const other of tabs) {
    const isChosen = other === name;
    $(`tab-${other}`).setAttribute("aria-selected", isChosen);
    $(`tab-${other}`).tabIndex = isChosen ? 0 : -1;
    $(`panel-${other}`).hidden = !isChosen;
  }
  if (focus) $(`tab-${name}`).focus();
  if (location.hash !== `#${name}`) history.replaceState(null, "", `#${name}`);
  if (name === "search") loadGalleries();
}
for (const name of tabs) {
  $(`tab-${name}`).addEventListener("click", () => show(name));
  $(`tab-${name}`).addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    show(tabs[(tabs.indexOf(name) + step + tabs.length) % tabs.length], true);
  });
}

// ---- Places to drop photos on

/** On a touch screen there is nothing to drop from. */
const canDrop = matchMedia("(any-pointer: fine)").matches;

/** A chosen file as it looks; its name when the browser cannot show it. */
function preview(file, name) {
  const image = make("img", { src: keepURL(file), alt: `The chosen ${name}` });
  image.addEventListener("error", () => image.replaceWith(make("span", { textContent: file.name })));
  return image;
}

function dropPlace(id, chosen) {
  const place = $(id);
  const input = make("input", { type: "file", accept: "image/jpeg,image/png,image/webp" });
  input.setAttribute("aria-label", `Choose a ${place.dataset.name}`);
  input.id = `${id}-input`;
  const label = make("label");
  place.append(label);
  const state = { file: null, clear: () => fill(null) };
  function fill(file) {
    state.file = file;
    place.classList.toggle("filled", !!file);
    const content = file
      ? [preview(file, place.dataset.name), make("span", { textContent: canDrop ? "Choose or drop another" : "Choose another" })]
      : [make("strong", { textContent: `${canDrop ? "Drop" : "Choose"} a ${place.dataset.name}${canDrop ? " here" : ""}` }),
         make("span", { textContent: canDrop ? "or click to choose one (JPEG, PNG, WebP)" : "JPEG, PNG or WebP" })];
    label.replaceChildren(...content, input);
  }
  fill(null);
  input.addEventListener("change", () => {
    const file = input.files[0];
    input.value = "";
    if (file) { fill(file); chosen(file); input.focus(); }
  });
  for (const name of ["dragenter", "dragover"]) {
    place.addEventListener(name, (event) => { event.preventDefault(); place.classList.add("over"); });
  }
  for (const name of ["dragleave", "drop"]) place.addEventListener(name, () => place.classList.remove("over"));
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    const file = [...event.dataTransfer.files].find((file) => file.type.startsWith("image/"));
    if (file) { fill(file); chosen(file); }
  });
  return state;
}
// A photo dropped beside a place must not replace the page.
for (const name of ["dragover", "drop"]) addEventListener(name, (event) => event.preventDefault());

// ---- Unmask

function blobOf(picture) {
  const text = atob(picture.data);
  return new Blob([Uint8Array.from(text, (character) => character.charCodeAt(0))], { type: picture.type });
}

function draw(image, area, width) {
  const canvas = make("canvas", { width: Math.round(width), height: Math.round(width * area.height / area.width) });
  canvas.getContext("2d").drawImage(image, area.x, area.y, area.width, area.height, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** Two pictures over each other, the edge between them moved by mouse, touch or arrow keys. */
function compare(before, after, area, width, outlines, name) {
  const box = make("div", { className: "compare" });
  const left = draw(before, area, width);
  left.setAttribute("role", "img");
  left.setAttribute("aria-label", `${name} before`);
  const right = draw(after, area, width);
  right.className = "after";
  right.setAttribute("role", "img");
  right.setAttribute("aria-label", `${name} recovered`);
  box.append(left, right);
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `${area.x} ${area.y} ${area.width} ${area.height}`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  for (const outline of outlines) {
    const polygon = document.createElementNS("http://www.w3.org/2000/svg", "polygon");
    polygon.setAttribute("points", outline.map((point) => point.join(",")).join(" "));
    svg.append(polygon);
  }
  const range = make("input", { type: "range", min: 0, max: 100, value: 50 });
  range.setAttribute("aria-label", `${name}: move between before and recovered`);
  const move = () => box.style.setProperty("--cut", `${range.value}%`);
  range.addEventListener("input", move);
  move();
  box.append(svg, make("div", { className: "edge" }), make("span", { className: "tag left", textContent: "before" }),
    make("span", { className: "tag right", textContent: "recovered" }), range);
  return box;
}

/** A square around a face with some of its surroundings, within the photo. */
function surroundings([x, y, width, height], image) {
  const side = Math.min(Math.max(width, height) * 1.7, image.width, image.height);
  const clamp = (value, most) => Math.min(Math.max(value, 0), most);
  return { x: clamp(x + width / 2 - side / 2, image.width - side), y: clamp(y + height / 2 - side / 2, image.height - side), width: side, height: side };
}

const percent = (value) => `${Math.round(value * 100)} %`;

function faceCard(face, number, before, after) {
  const area = surroundings(face.box, before);
  const name = `Face ${number}`;
  const rows = face.masked
    ? [["Mask covers", percent(face.maskShare)], ["Similar to before", face.similarity == null ? "–" : face.similarity.toFixed(2)], ["Time", `${Math.round(face.milliseconds)} ms`]]
    : [["Mask", "none found"]];
  const facts = make("dl");
  for (const [term, value] of rows) facts.append(make("dt", { textContent: term }), make("dd", { textContent: value }));
  const picture = face.masked ? compare(before, after, area, 480, face.outline ?? [], name) : draw(before, area, 480);
  return make("article", { className: "face" }, picture, make("h4", { textContent: name }), facts);
}

const unmaskPlace = dropPlace("unmask-drop", (file) => work("unmask", "unmask-status", "Looking for faces …", async (signal) => {
  $("unmask-result").hidden = true;
  const response = await call("/v1/unmask", { method: "POST", body: form({ image: file, outline: true, similarity: true }), signal });
  const report = await response.json();
  const blob = blobOf(report.image);
  const [before, after] = await Promise.all([createImageBitmap(file), createImageBitmap(blob)]);
  const masked = report.faces.filter((face) => face.masked);
  $("faces").replaceChildren(...report.faces.map((face, index) => faceCard(face, index + 1, before, after)));
  $("faces-title").textContent = report.faces.length === 1 ? "One face" : `${report.faces.length} faces`;
  const whole = { x: 0, y: 0, width: before.width, height: before.height };
  const outlines = report.faces.flatMap((face) => face.outline ?? []);
  $("whole").replaceChildren(compare(before, after, whole, Math.min(before.width, 1600), outlines, "Photo"));
  $("download").href = keepURL(blob);
  $("unmask-result").hidden = false;
  say("unmask-status", summary(masked.length, report.faces.length));
}));
function summary(masked, all) {
  if (masked === 0) return "Nobody in this photo wears a mask: nothing was changed.";
  return all === 1 ? "The face wears a mask, which was replaced." : `${masked} of ${all} faces ${masked === 1 ? "wears a mask, which was" : "wear masks, which were"} replaced.`;
}
$("outline").addEventListener("change", () => $("unmask-result").classList.toggle("hide-outline", !$("outline").checked));

// ---- Verify

const firstPlace = dropPlace("first-drop", ready);
const secondPlace = dropPlace("second-drop", ready);
function ready() {
  $("verify-form").querySelector("[type=submit]").disabled = !(firstPlace.file && secondPlace.file);
}
$("verify-form").addEventListener("submit", (event) => {
  event.preventDefault();
  work("verify", "verify-status", "Comparing …", async (signal) => {
    $("verify-result").hidden = true;
    const body = form({ first: firstPlace.file, second: secondPlace.file, unmask: $("verify-unmask").checked, far: $("far").value });
    const report = await (await call("/v1/verify", { method: "POST", body, signal })).json();
    $("verdict").textContent = report.same ? "Probably the same person" : "Probably different people";
    $("verdict").className = `headline ${report.same ? "same" : "different"}`;
    const place = (value) => `${Math.max(0, Math.min(1, value)) * 100}%`;
    $("scale-fill").style.setProperty("--at", place(report.similarity));
    $("scale-mark").style.setProperty("--at", place(report.threshold));
    const masks = report.unmasked.filter(Boolean).length;
    $("verdict-detail").textContent = `Similarity ${report.similarity.toFixed(3)}; from ${report.threshold.toFixed(3)} (the mark) at most ${$("far").selectedOptions[0].textContent} pairs of different people are wrongly accepted.`
      + (masks ? ` ${masks === 1 ? "One photo shows" : "Both photos show"} a mask, which was recovered first.` : "");
    $("verify-result").hidden = false;
    say("verify-status", "");
  });
});

// ---- Search

let galleries = null;
const queryPlace = dropPlace("query-drop", () => {});

async function loadGalleries() {
  if (galleries) return;
  try {
    galleries = (await (await call("/v1/gallery")).json()).galleries;
  } catch (error) {
    say("galleries-status", error.message, "error");
    return;
  }
  const isEmpty = galleries.length === 0;
  say("galleries-status", "");
  if (isEmpty) $("galleries-status").append("No gallery is served. Start the server with ", make("code", { textContent: "--gallery FILE" }), ".");
  $("search-form").hidden = isEmpty;
  const names = { person: "People", face: "Faces" };
  $("kind").replaceChildren(...galleries.map((gallery) => make("option", { value: gallery.kind, textContent: `${names[gallery.kind]} (${gallery.images.toLocaleString("en")})` })));
  showAttributes();
}

function showAttributes() {
  const gallery = galleries?.find((gallery) => gallery.kind === $("kind").value);
  const names = Object.keys(gallery?.attributes ?? {}).sort();
  $("attributes-box").hidden = names.length === 0;
  $("attributes").replaceChildren(...names.map((name) => {
    const select = make("select", {}, make("option", { value: "", textContent: "any" }), ...gallery.attributes[name].map((value) => make("option", { value, textContent: value })));
    select.dataset.attribute = name;
    return make("label", { className: "field" }, name, select);
  }));
  countAttributes();
}
function chosenAttributes() {
  return [...$("attributes").querySelectorAll("select")].filter((select) => select.value).map((select) => `${select.dataset.attribute}=${select.value}`);
}
function countAttributes() {
  const count = chosenAttributes().length;
  $("attributes-count").textContent = count ? `(${count} chosen)` : "";
}
$("kind").addEventListener("change", showAttributes);
$("attributes").addEventListener("change", countAttributes);
$("search-form").addEventListener("reset", () => {
  queryPlace.clear();
  $("hits").replaceChildren();
  say("search-status", "");
  setTimeout(() => { showAttributes(); });
});

async function showThumbnail(image, path, signal) {
  try {
    image.src = keepURL(await (await call(path, { signal })).blob());
  } catch (error) {
    if (error.name !== "AbortError") image.alt = "no picture";
  }
}

function hitCard(hit, signal) {
  const entry = hit.entry;
  const image = make("img", { alt: entry.identity ? `Picture of ${entry.identity}` : `Picture ${entry.id}` });
  showThumbnail(image, entry.thumbnail, signal);
  const facts = [entry.camera == null ? "" : `camera ${entry.camera}`, entry.time ? new Date(entry.time).toLocaleString() : ""].filter(Boolean).join(", ");
  const attributes = chosenAttributes().map((text) => text.split("=")[0]).map((name) => `${name}: ${entry.attributes[name]}`).join(", ");
  return make("li", { className: "hit" },
    make("div", { className: "picture" }, image),
    make("div", { className: "facts" },
      make("div", { className: "top" }, make("span", { textContent: `${hit.rank}` }), make("span", { textContent: hit.similarity == null ? "" : hit.similarity.toFixed(3) })),
      make("span", { textContent: entry.identity ?? "unknown" }),
      ...(facts ? [make("span", { className: "soft", textContent: facts })] : []),
      ...(attributes ? [make("span", { className: "soft", textContent: attributes })] : [])));
}

$("search-form").addEventListener("submit", (event) => {
  event.preventDefault();
  work("search", "search-status", "Searching …", async (signal) => {
    $("hits").replaceChildren();
    const body = form({
      image: queryPlace.file, kind: $("kind").value, identity: $("identity").value.trim(), camera: $("camera").value.trim(),
      after: $("after").value, before: $("before").value, top: $("top").value, attributes: chosenAttributes().join(","),
    });
    const report = await (await call("/v1/search", { method: "POST", body, signal })).json();
    $("hits").replaceChildren(...report.hits.map((hit) => hitCard(hit, signal)));
    say("search-status", report.hits.length === 0 ? "Nothing matches." : report.hits.length === 1 ? "One result." : `${report.hits.length} results, ${queryPlace.file ? "most similar first" : "in the order they were added"}.`);
  });
});

addEventListener("pagehide", () => { for (const url of urls) URL.revokeObjectURL(url); });
show(tabs.includes(location.hash.slice(1)) ? location.hash.slice(1) : "unmask");
