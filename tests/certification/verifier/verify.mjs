// Verifies credentials with Digital Bazaar's libraries. In: {documents: {url: document}, credentials: {name: credential}} as JSON on
// standard input; nothing is fetched. Out: {name: {verified, error, set}}, where `set` says which purposes' status bits are set.
import {readFileSync} from "node:fs";
import {DataIntegrityProof} from "@digitalbazaar/data-integrity";
import {cryptosuite} from "@digitalbazaar/eddsa-rdfc-2022-cryptosuite";
import {verifyCredential} from "@digitalbazaar/vc";
import {checkStatus} from "@digitalbazaar/vc-bitstring-status-list";

const {documents, credentials} = JSON.parse(readFileSync(0, "utf8"));
const suite = new DataIntegrityProof({cryptosuite});

async function documentLoader(url) {
  const [address, fragment] = url.split("#");
  const document = documents[address];
  if (!document) throw new Error(`There is no ${url}.`);
  if (!fragment) return {document, documentUrl: url, contextUrl: null};
  const method = document.verificationMethod?.find(each => each.id === url);
  if (!method) throw new Error(`${address} has no ${url}.`);
  return {document: {"@context": "https://w3id.org/security/multikey/v1", ...method}, documentUrl: url, contextUrl: null};
}

const told = {};
for (const [name, credential] of Object.entries(credentials)) {
  const result = await verifyCredential({
    credential, suite, documentLoader,
    checkStatus: options => checkStatus({...options, documentLoader, suite, verifyBitstringStatusListCredential: true}),
  });
  const errors = result.error?.errors ?? (result.error ? [result.error] : []);
  told[name] = {
    verified: result.verified,
    error: errors.map(each => each.message).join("; "),
    set: (result.statusResult?.results ?? []).filter(each => each.status).map(each => each.credentialStatus.statusPurpose),
  };
}
process.stdout.write(JSON.stringify(told));
