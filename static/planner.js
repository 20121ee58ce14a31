"use strict";
// Pages work without this file; it only makes them nicer.

// A form is sent once: the button rests while it travels.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  window.setTimeout(() => { delete form.dataset.sent; }, 8000);
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
});

// Ask before what cannot be undone.
document.addEventListener("submit", (event) => {
  const question = event.submitter && event.submitter.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
    delete event.target.dataset.sent;
  }
}, true);

// Tick all in a list.
document.addEventListener("change", (event) => {
  const name = event.target.dataset.tickAll;
  if (name) {
    document.querySelectorAll(`input[type=checkbox][name="${name}"]`)
      .forEach((box) => { box.checked = event.target.checked; });
  }
});

// Filters take effect at once.
document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form && form.hasAttribute("data-autosubmit")) { form.requestSubmit(); }
});

// Files travel one by one with progress, while the form is still being written.
document.addEventListener("change", (event) => {
  const input = event.target;
  const form = input.form;
  if (input.type !== "file" || !form || !form.dataset.upload) { return; }
  const files = Array.from(input.files);
  input.value = "";
  files.forEach((file) => sendFile(form, file));
});

function sendFile(form, file) {
  const list = form.querySelector("[data-upload-list]");
  const row = document.createElement("div");
  row.className = "file-facts";
  const label = document.createElement("span");
  label.textContent = file.name;
  const bar = document.createElement("progress");
  bar.className = "upload-progress";
  bar.max = 100;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  row.append(label, bar);
  list.append(row);

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
  const fail = (text) => {
    bar.remove();
    row.className = "field-error";
    label.textContent = text ? `${file.name}：${text}` : file.name;
  };
  request.addEventListener("load", () => {
    if (request.status === 201 && request.response) {
      form.querySelector("[data-staged]").insertAdjacentHTML("beforeend", request.response.html);
      row.remove();
    } else {
      fail(request.response && request.response.error);
    }
  });
  request.addEventListener("error", () => fail(form.dataset.uploadFailed));
  request.send(data);
}
