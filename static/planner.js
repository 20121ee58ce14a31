"use strict";
// Pages work without this file; it only makes them nicer.

// Ask before what cannot be undone; this listener comes first.
document.addEventListener("submit", (event) => {
  const question = event.submitter && event.submitter.dataset.confirm;
  if (question && !window.confirm(question)) { event.preventDefault(); }
}, true);

// Ask before another language drops what is half written.
const written = new Set(); // forms that somebody wrote in
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form && form.method === "post") { written.add(form); }
});
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.dropsTyped;
  if (question && written.size && !window.confirm(question)) { event.preventDefault(); }
}, true);

// A form waits for its files, and is sent once: the button rests while it travels. What is answered
// with a file leaves its page open, and can be sent again.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) { return; }
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  if (travelling.get(form)) {
    event.preventDefault();
    waiting.set(form, event.submitter);
    tell(form, form.dataset.uploadWaiting);
    return;
  }
  if (form.hasAttribute("data-again")) { return; }
  form.dataset.sent = "1";
  window.setTimeout(() => { delete form.dataset.sent; }, 8000);
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
});

// Tick all in a list.
document.addEventListener("change", (event) => {
  const name = event.target.dataset.tickAll;
  if (name) {
    document.querySelectorAll(`input[type=checkbox][name="${name}"]`)
      .forEach((box) => { box.checked = event.target.checked; });
  }
});

// Print this page.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) { window.print(); }
});

// Filters take effect at once.
document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form && form.hasAttribute("data-autosubmit")) { form.requestSubmit(); }
});

// Files travel one by one with progress, while the form is still being written.
const travelling = new WeakMap(); // form: how many of its files are under way
const waiting = new WeakMap(); // form: the button that was pressed meanwhile

document.addEventListener("change", (event) => {
  const input = event.target;
  const form = input.form;
  if (input.type !== "file" || !form || !form.dataset.upload) { return; }
  const files = Array.from(input.files);
  input.value = "";
  files.forEach((file) => sendFile(form, file));
});

function tell(form, sentence) {
  form.querySelector("[data-upload-status]").textContent = sentence;
}

function fileRow(form, name) {
  const list = form.querySelector("[data-upload-list]");
  const row = document.createElement("div");
  row.className = "file-facts";
  row.dataset.file = name;
  row.append(name);
  list.querySelectorAll(".field-error").forEach((old) => {
    if (old.dataset.file === name) { old.remove(); }
  });
  list.append(row);
  return row;
}

function progressBar(name) {
  const bar = document.createElement("progress");
  bar.className = "upload-progress";
  bar.max = 100;
  bar.value = 0;
  bar.setAttribute("aria-label", name);
  return bar;
}

// When the last file has ended, a form that waited is sent, unless a file is missing.
function arrived(form, well) {
  travelling.set(form, travelling.get(form) - 1);
  const button = waiting.get(form);
  if (button && !well) {
    waiting.delete(form);
    tell(form, form.dataset.uploadHeld);
  } else if (button && !travelling.get(form)) {
    waiting.delete(form);
    tell(form, "");
    form.requestSubmit(button);
  }
}

function sendFile(form, file) {
  const row = fileRow(form, file.name);
  const bar = progressBar(file.name);
  row.append(bar);
  travelling.set(form, (travelling.get(form) || 0) + 1);
  if (!waiting.has(form)) { tell(form, ""); }

  const data = new FormData();
  data.append("csrf_token", form.elements.csrf_token.value);
  data.append("prefix", form.dataset.prefix);
  data.append("file", file);
  const request = new XMLHttpRequest();
  request.open("POST", form.dataset.upload);
  request.setRequestHeader("Accept", "application/json");
  request.responseType = "json";
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) { bar.value = 100 * event.loaded / event.total; }
  });
  // "loadend" comes after an answer, a broken connection and a cancelled upload alike.
  request.addEventListener("loadend", () => {
    const answer = request.response || {};
    const well = request.status === 201 && Boolean(answer.html);
    if (well) {
      form.querySelector("[data-staged]").insertAdjacentHTML("beforeend", answer.html);
      row.remove();
    } else {
      const reason = document.createElement("div");
      reason.textContent = answer.error || form.dataset.uploadFailed;
      row.className = "field-error";
      bar.replaceWith(reason);
    }
    arrived(form, well);
  });
  request.send(data);
}
