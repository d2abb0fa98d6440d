// What pdf.js finds in octets: asked as fakes/pdfs/readers.py says.
import { readSync, writeSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { getDocument, VerbosityLevel } = await import(pathToFileURL(process.argv[2]).href);

function taken(size) {
  const out = Buffer.alloc(size);
  for (let at = 0; at < size; ) {
    const got = readSync(0, out, at, size - at);
    if (!got) process.exit(0);
    at += got;
  }
  return out;
}

const said = (value) => JSON.stringify(value ?? null, (_, one) => (one instanceof Map ? [...one] : one));

async function seen(octets) {
  const files = [];
  const acts = new Set();
  const keep = (one) => files.push([String(one.rawFilename ?? one.filename ?? ""), Buffer.from(one.content ?? []).toString("base64")], [String(one.filename ?? ""), ""]);
  const attempt = async (doing) => { try { await doing(); } catch { /* it shows nothing then */ } };
  const task = getDocument({ data: new Uint8Array(octets), verbosity: VerbosityLevel.ERRORS, isEvalSupported: false });
  const limit = new Promise((_, no) => setTimeout(() => no(new Error("late")), 4000));
  await attempt(() => Promise.race([limit, (async () => {
    const document = await task.promise;
    await attempt(async () => { for (const [, one] of [...((await document.getAttachments()) instanceof Map ? await document.getAttachments() : Object.entries((await document.getAttachments()) ?? {}))]) keep(one); });
    await attempt(async () => { if (await document.getJSActions()) acts.add("javascript"); });
    await attempt(async () => {
      const page = await document.getPage(1);
      if (await page.getJSActions()) acts.add("javascript");
      for (const one of await page.getAnnotations()) {
        if (one.file) keep(one.file);
        if (one.attachment) keep(one.attachment);
        if (one.actions && said(one.actions) !== "null") acts.add("javascript");
      }
    });
  })()]));
  await attempt(() => task.destroy());
  return { files, acts: [...acts] };
}

const log = console.log;
console.log = console.warn = console.error = () => {};
for (;;) {
  const octets = taken(taken(4).readUInt32BE(0));
  let found = { files: [], acts: [] };
  try { found = await seen(octets); } catch { /* nothing */ }
  writeSync(1, said(found) + "\n");
}
