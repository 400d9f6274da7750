// The tokenizers of llama.cpp for the tests: the vocabularies of GGUF files, without weights. It prints "listening PORT"; ends with its
// parent's pipe (eng/lifeline).
//   node tokenize.mjs VOCABULARY.gguf …
// POST /INDEX with an array of texts: an array of arrays of token ids, by the vocabulary at that index.
import { createServer } from 'node:http';
import { getLlama } from 'node-llama-cpp';

const llama = await getLlama({ gpu: false, build: 'never', maxThreads: 1, progressLogs: false, logLevel: 'error' });
const vocabularies = [];
for (const modelPath of process.argv.slice(2)) {
  vocabularies.push(await llama.loadModel({ modelPath, vocabOnly: true }));
}

async function tokenize(request, response) {
  const chunks = [];
  for await (const part of request) {
    chunks.push(part);
  }

  const vocabulary = vocabularies[Number(request.url.slice(1))];
  const texts = JSON.parse(Buffer.concat(chunks).toString());
  response.end(JSON.stringify(texts.map(text => Array.from(vocabulary.tokenize(text)))));
}

const server = createServer((request, response) => {
  tokenize(request, response).catch(error => {
    console.error(error);
    response.destroy();
  });
});
server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`));
