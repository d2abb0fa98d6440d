// What pdf.js finds in octets, files and scripts or words: asked as fakes/pdfs/asked.py says.
import { readSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const [, , where, kind] = process.argv;
const { getDocument, VerbosityLevel } = await import(pathToFileURL(where).href);
const cMapUrl = join(dirname(where), "..", "..", "cmaps") + "/";
const options = { verbosity: VerbosityLevel.ERRORS, isEvalSupported: false, cMapUrl, cMapPacked: true };

const attempt = async (doing) => { try { await doing(); } catch { /* it shows nothing then */ } };
const said = (value) => JSON.stringify(value ?? null, (_, one) => (one instanceof Map ? [...one] : one));

async function files(document, found) {
  const act = () => { found.acts = ["javascript"]; };
  const keep = (one) => found.files.push(
    [String(one.rawFilename ?? one.filename ?? ""), Buffer.from(one.content ?? []).toString("base64")],
    [String(one.filename ?? ""), ""],
  );
  await attempt(async () => {
    const attached = (await document.getAttachments()) ?? {};
    for (const [, one] of attached instanceof Map ? attached : Object.entries(attached)) keep(one);
  });
  await attempt(async () => { if (await document.getJSActions()) act(); });
  await attempt(async () => {
    const page = await document.getPage(1);
    if (await page.getJSActions()) act();
    for (const one of await page.getAnnotations()) {
      if (one.file) keep(one.file);
      if (one.attachment) keep(one.attachment);
      if (one.actions && said(one.actions) !== "null") act();
    }
  });
}

async function texts(document, found) {
  const page = await document.getPage(1);
  await attempt(async () => {
    const { items } = await page.getTextContent();
    found.push(items.map((one) => (one.str ?? "") + (one.hasEOL ? "\n" : "")).join(""));
  });
  await attempt(async () => {
    for (const one of await page.getAnnotations()) {
      found.push(one.contentsObj?.str, one.titleObj?.str, one.fieldValue, one.alternativeText, one.buttonValue, one.richText?.str);
      found.push(...(one.options ?? []).map((option) => option.displayValue), ...(one.textContent ?? []));
    }
  });
  await attempt(async () => { for (const one of (await document.getOutline()) ?? []) found.push(one.title); });
  await attempt(async () => found.push(...((await document.getPageLabels()) ?? [])));
  await attempt(async () => { for (const [, one] of await document.getOptionalContentConfig()) found.push(one.name); });
  await attempt(async () => {
    found.push(...Object.values((await document.getMetadata()).info).filter((one) => typeof one === "string"));
  });
}

const kinds = {
  files: { look: files, late: 4000, none: () => ({ files: [], acts: [] }), told: (found) => found },
  texts: { look: texts, late: 8000, none: () => [], told: (found) => found.flat().filter((one) => one).join("\n") },
};
const { look, late, none, told } = kinds[kind];

async function seen(octets) {
  const found = none();
  const task = getDocument({ data: new Uint8Array(octets), ...options });
  const limit = new Promise((_, no) => setTimeout(() => no(new Error("late")), late));
  await attempt(() => Promise.race([limit, (async () => look(await task.promise, found))()]));
  await attempt(() => task.destroy());
  return told(found);
}

function taken(size) {
  const out = Buffer.alloc(size);
  for (let at = 0; at < size; ) {
    const got = readSync(0, out, at, size - at);
    if (!got) process.exit(0);
    at += got;
  }
  return out;
}

console.log = console.warn = console.error = () => {};
for (;;) {
  const octets = taken(taken(4).readUInt32BE(0));
  let found = told(none());
  await attempt(async () => { found = await seen(octets); });
  writeSync(1, said(found) + "\n");
}
