// The words that pdf.js shows of a PDF: asked as fakes/pdfs/texts.py says.
import { readSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const { getDocument, VerbosityLevel } = await import(pathToFileURL(process.argv[2]).href);
const cMapUrl = join(dirname(process.argv[2]), "..", "..", "cmaps") + "/";

function taken(size) {
  const out = Buffer.alloc(size);
  for (let at = 0; at < size; ) {
    const got = readSync(0, out, at, size - at);
    if (!got) process.exit(0);
    at += got;
  }
  return out;
}

async function shown(octets) {
  const out = [];
  const attempt = async (doing) => { try { await doing(); } catch { /* it shows nothing then */ } };
  const task = getDocument({ data: new Uint8Array(octets), verbosity: VerbosityLevel.ERRORS, cMapUrl, cMapPacked: true });
  const limit = new Promise((_, no) => setTimeout(() => no(new Error("late")), 8000));
  await attempt(() => Promise.race([limit, (async () => {
    const document = await task.promise;
    const page = await document.getPage(1);
    await attempt(async () => out.push((await page.getTextContent()).items.map((one) => (one.str ?? "") + (one.hasEOL ? "\n" : "")).join("")));
    await attempt(async () => {
      for (const one of await page.getAnnotations()) {
        out.push(one.contentsObj?.str, one.titleObj?.str, one.fieldValue, one.alternativeText, one.buttonValue, one.richText?.str);
        out.push(...(one.options ?? []).map((option) => option.displayValue), ...(one.textContent ?? []));
      }
    });
    await attempt(async () => { for (const one of (await document.getOutline()) ?? []) out.push(one.title); });
    await attempt(async () => out.push(...((await document.getPageLabels()) ?? [])));
    await attempt(async () => { for (const [, one] of await document.getOptionalContentConfig()) out.push(one.name); });
    await attempt(async () => out.push(...Object.values((await document.getMetadata()).info).filter((one) => typeof one === "string")));
  })()]));
  await attempt(() => task.destroy());
  return out.flat().filter((one) => one).join("\n");
}

for (;;) writeSync(1, JSON.stringify(await shown(taken(taken(4).readUInt32BE(0)))) + "\n");
