// Reads a consent record with npm jsonld, which shares no line with us: it must expand without a network, lose nothing,
// and name only terms that exist.
import fs from 'node:fs';
import jsonld from 'jsonld';

const [file, list] = process.argv.slice(2);
const offline = async (url) => { throw new Error(`${url} would be fetched`); };
const record = JSON.parse(fs.readFileSync(file, 'utf8'));
const options = { documentLoader: offline, safe: true };
const [whole] = await jsonld.expand(record, options);
const quads = await jsonld.canonize(record, { ...options, algorithm: 'RDFC-1.0', format: 'application/n-quads' });
const known = new Set(fs.readFileSync(list, 'utf8').split('\n').filter((line) => line.startsWith('https:')));
const used = new Set([...quads.matchAll(/<(https:\/\/w3id\.org\/dpv[^>]*)>/g)].map(([, iri]) => iri));
const unknown = [...used].filter((iri) => !known.has(iri));
if (unknown.length) throw new Error(`not in DPV 2.3: ${unknown}`);

const dpv = (name) => `https://w3id.org/dpv#${name}`;
const needed = ['hasDataSubject', 'hasDataController', 'hasNotice', 'hasProcess', 'hasEntity', 'hasConsentStatus', 'hasJurisdiction'];
for (const name of needed) if (!whole[dpv(name)]?.length) throw new Error(`the record has no ${name}`);
const process_ = ['hasPurpose', 'hasPersonalData', 'hasProcessing', 'hasLegalBasis', 'hasNotice', 'hasRecipient',
  'hasStorageCondition', 'hasProcessingCondition', 'hasConsentControl', 'hasRight'];
for (const one of whole[dpv('hasProcess')])
  for (const name of process_) if (!one[dpv(name)]?.length) throw new Error(`a process has no ${name}`);
// How a yes was said is known; of a no nothing is told that is not known.
const yes = ['hasIndicationMethod', 'hasDuration'];
for (const one of whole[dpv('hasConsentStatus')])
  for (const name of ['isIndicatedAtTime', 'isIndicatedBy', ...(one[dpv('hasDuration')] ? yes : [])])
    if (!one[dpv(name)]?.length) throw new Error(`a status has no ${name}`);
if (!whole[dpv('hasConsentStatus')].some((one) => one[dpv('hasDuration')])) throw new Error('no yes is told');

// A term that does not exist must be noticed.
const spoilt = quads.replaceAll('dpv#hasPurpose', 'dpv#hasIntention');
if (![...spoilt.matchAll(/<(https:\/\/w3id\.org\/dpv[^>]*)>/g)].some(([, iri]) => !known.has(iri))) throw new Error('control');
fs.writeFileSync(`${file}.nq`, quads);
console.log(`npm jsonld: ${quads.trim().split('\n').length} quads, ${used.size} terms, all of DPV 2.3`);
