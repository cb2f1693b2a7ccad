"use strict";
// Draws /openapi.json. Everything is set as text, never as markup; nothing is fetched from another host.

function element(tag, text, attributes) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value);
  return made;
}

function allowed(schema) {
  if (!schema) return "";
  const words = [];
  if (schema.enum) words.push(schema.enum.join(", "));
  else if (schema.type) words.push(schema.format || schema.type);
  if (schema.exclusiveMinimum !== undefined) words.push("above " + schema.exclusiveMinimum);
  if (schema.minimum !== undefined) words.push("from " + schema.minimum);
  if (schema.maximum !== undefined) words.push("to " + schema.maximum);
  if (schema.default !== undefined) words.push("default " + schema.default);
  return words.join("; ");
}

function table(heads, rows) {
  const made = element("table");
  const head = made.createTHead().insertRow();
  heads.forEach((text) => head.append(element("th", text, { scope: "col" })));
  const body = made.createTBody();
  rows.forEach((cells) => {
    const row = body.insertRow();
    cells.forEach((cell) => row.insertCell().append(cell));
  });
  return made;
}

function fieldRows(schema, prefix, required) {
  const rows = [];
  for (const [name, field] of Object.entries(schema.properties || {})) {
    const path = prefix + name;
    const needed = (schema.required || []).includes(name) && required ? "required" : "";
    rows.push([element("code", path), allowed(field), needed, field.description || ""]);
    rows.push(...fieldRows(field, path + ".", needed !== ""));
    if (field.items) rows.push(...fieldRows(field.items, path + "[].", true));
  }
  return rows;
}

function parameterInputs(operation) {
  const rows = [];
  const inputs = [];
  for (const parameter of operation.parameters || []) {
    const input = element("input", undefined, { "aria-label": parameter.name, autocomplete: "off" });
    if (parameter.in === "path") input.value = (parameter.schema || {}).example || "";
    inputs.push({ parameter, input });
    const note = (parameter.description || "") + (parameter.required ? " Required." : "");
    rows.push([element("code", parameter.name), allowed(parameter.schema), note, input]);
  }
  return { rows, inputs };
}

function address(path, inputs) {
  let filled = path;
  const query = new URLSearchParams();
  for (const { parameter, input } of inputs) {
    if (parameter.in === "path") filled = filled.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
    else if (input.value !== "") query.set(parameter.name, input.value);
  }
  const text = query.toString();
  return text ? `${filled}?${text}` : filled;
}

async function ask(method, url, body, output) {
  output.textContent = "Waiting for the answer.";
  try {
    const options = body === undefined ? { method } : { method, body, headers: { "content-type": "application/json" } };
    const answer = await fetch(url, options);
    const text = await answer.text();
    const json = (answer.headers.get("content-type") || "").includes("json");
    output.textContent = `${method} ${url}\n${answer.status}\n\n${json ? JSON.stringify(JSON.parse(text), null, 2) : text}`;
  } catch (fault) {
    output.textContent = `${method} ${url}\nNo answer: ${fault.message}`;
  }
}

function bodyInput(operation, section) {
  const content = ((operation.requestBody || {}).content || {})["application/json"];
  if (!content) return undefined;
  section.append(element("h3", "Body"));
  const alternatives = content.schema.properties ? [content.schema] : content.schema.anyOf || [content.schema];
  for (const schema of alternatives) {
    if (alternatives.length > 1) section.append(element("h4", schema.title || "or"));
    section.append(table(["field", "allowed", "", "meaning"], fieldRows(schema, "", true)));
  }
  const input = element("textarea", undefined, { "aria-label": "body", spellcheck: "false" });
  for (const example of Object.values(content.examples || {})) {
    const choose = element("button", `Example: ${example.summary}`, { type: "button" });
    choose.addEventListener("click", () => { input.value = JSON.stringify(example.value, null, 2); });
    section.append(choose, " ");
    if (!input.value) input.value = JSON.stringify(example.value, null, 2);
  }
  section.append(input);
  return input;
}

function draw(path, method, operation) {
  const section = element("section");
  const title = element("h2");
  title.append(element("span", method.toUpperCase() + " ", { class: "method" }), element("code", path));
  section.append(title, element("p", [operation.summary, operation.description].filter(Boolean).join(". ")));
  const { rows, inputs } = parameterInputs(operation);
  if (rows.length) section.append(table(["parameter", "allowed", "meaning", "value"], rows));
  const body = bodyInput(operation, section);
  const responses = Object.entries(operation.responses || {}).map(([status, said]) => `${status} ${said.description || ""}`);
  section.append(element("p", "Answers: " + responses.join(" · ")));
  const output = element("pre", "", { "aria-live": "polite" });
  const send = element("button", "Ask", { type: "button" });
  send.addEventListener("click", () => ask(method.toUpperCase(), address(path, inputs), body && body.value, output));
  section.append(send, output);
  return section;
}

async function start() {
  const status = document.getElementById("status");
  try {
    const spec = await (await fetch("/openapi.json")).json();
    document.getElementById("title").textContent = `${spec.info.title}, ${spec.info.version}`;
    spec.info.description.split("\n\n").forEach((text) => {
      const points = text.split("\n").filter((line) => line.startsWith("* "));
      if (!points.length) { document.getElementById("about").append(element("p", text.replaceAll("`", ""))); return; }
      const list = element("ul");
      points.forEach((line) => list.append(element("li", line.slice(2).replaceAll("`", ""))));
      document.getElementById("about").append(list);
    });
    const operations = document.getElementById("operations");
    for (const [path, methods] of Object.entries(spec.paths)) {
      for (const [method, operation] of Object.entries(methods)) operations.append(draw(path, method, operation));
    }
    status.remove();
  } catch (fault) {
    status.textContent = `The interface description cannot be read: ${fault.message}. Is the service still up?`;
  }
}

start();
