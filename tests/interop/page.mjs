// Checks our receipts with the script that checks them in a person's browser.
import fs from 'node:fs';
import path from 'node:path';

const [script, dir] = process.argv.slice(2);
const { check, examine } = await import(script);
const key = fs.readFileSync(path.join(dir, 'log.vkey'), 'utf8');
const names = fs.readdirSync(path.join(dir, 'receipts'));
if (names.length === 0) throw new Error('no receipts');
for (const name of names) {
  const text = fs.readFileSync(path.join(dir, 'receipts', name), 'utf8');
  const found = await check(text, key);
  const parts = Object.entries(found);
  if (!parts.every(([, good]) => good === true)) throw new Error(`${name}: ${JSON.stringify(found)}`);
  // Every byte counts: a changed one is noticed, line for line.
  let at = 0;
  for (const line of text.split('\n')) {
    const middle = at + (line.length >> 1);
    at += line.length + 1;
    if (line.length === 0 || line.startsWith('— ') && !line.startsWith(`— ${key.split('+')[0]} `)) continue;
    const other = text.slice(0, middle) + (text[middle] === 'A' ? 'B' : 'A') + text.slice(middle + 1);
    const seen = await check(other, key).then((all) => Object.values(all).every(Boolean), () => false);
    if (seen) throw new Error(`${name}: a changed byte in “${line}” goes unseen`);
  }
}
// What the kernel's own tests say of each receipt, the script says too.
const cases = JSON.parse(fs.readFileSync(new URL('receipts.json', import.meta.url), 'utf8'));
const verdict = ({ checks, why }) => {
  const all = Object.values(checks);
  if (all.every(Boolean)) return 'genuine';
  return !all.includes(false) && why === 'witnesses' ? 'witnesses' : 'refused';
};
for (const one of cases) {
  const said = await examine(one.receipt, one.key).then(verdict, () => 'refused');
  if (said !== one.verdict) throw new Error(`“${one.what}” is ${one.verdict}, and the page says ${said}`);
}
console.log(`the page's own script: ${cases.length} receipts judged as the program judges them`);
console.log(`the page's own script: ${names.length} receipts, and no changed byte goes unseen`);
