#!/usr/bin/env node
// What this project is made of that others made (docs/security.md, "Supply chain"). After a build:
//   eng/supply-chain.mjs            all of what follows but lock
//   eng/supply-chain.mjs verify     every restored NuGet package has the bytes of eng/packages.lock.json
//   eng/supply-chain.mjs sbom FILE  writes a CycloneDX list of all packages (default: TestResults/sbom.cdx.json)
//   eng/supply-chain.mjs audit      asks the registries for known vulnerabilities, and says where they do not answer
//                                   (exit code 1: some are known; 3: none, but not everything was audited)
//   eng/supply-chain.mjs lock       writes eng/packages.lock.json anew, after a package was added or updated
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const lockFile = process.env.COMPUTESHARE_PACKAGES_LOCK ?? join(root, 'eng/packages.lock.json');
const npmFolders = ['tests/EndToEnd.Tests/node', 'tests/LlamaServer'];
// What runs where others depend on it; all else is for building and testing.
const shipped = ['AppHost', 'Billing', 'Gateway', 'HosterNode', 'Scheduler'];
// An audit's exit codes.
const nothingKnown = 0;
const vulnerable = 1;
const notAudited = 3;

const read = path => JSON.parse(readFileSync(path, 'utf8'));
const sorted = entries => entries.sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));

/** Id/version → { sha512 (base64), folder, uses, projects } of all packages that a project of this checkout resolves. */
function nugetPackages() {
  const packages = new Map();
  const projects = ['.', 'tests', 'eng'].flatMap(folder => readdirSync(join(root, folder)).map(name => join(folder, name)))
    .filter(project => existsSync(join(root, project, 'obj/project.assets.json')));
  if (projects.length === 0) {
    throw new Error('Nothing is restored yet: build first.');
  }
  for (const project of projects) {
    const assets = read(join(root, project, 'obj/project.assets.json'));
    const uses = Object.assign({}, ...Object.values(assets.targets));
    const version = id => Object.keys(assets.libraries).find(key => key.toLowerCase().startsWith(id.toLowerCase() + '/'));
    for (const [key, library] of Object.entries(assets.libraries).filter(([, library]) => library.type === 'package')) {
      const folder = Object.keys(assets.packageFolders).map(base => join(base, library.path)).find(existsSync);
      const entry = packages.get(key) ?? { sha512: library.sha512, folder, uses: new Set(), projects: new Set() };
      Object.keys(uses[key]?.dependencies ?? {}).map(version).filter(Boolean).forEach(used => entry.uses.add(used));
      packages.set(key, { ...entry, projects: entry.projects.add(project) });
    }
  }
  return new Map(sorted([...packages]));
}

function npmPackages() {
  const packages = new Map();
  for (const folder of npmFolders) {
    for (const [path, entry] of Object.entries(read(join(root, folder, 'package-lock.json')).packages).filter(([path]) => path.includes('node_modules/'))) {
      const name = entry.name ?? path.split('node_modules/').at(-1);
      packages.set(`${name}@${entry.version}`, { name, version: entry.version, integrity: entry.integrity, license: entry.license });
    }
  }
  return new Map(sorted([...packages]));
}

/** A machine that sees the whole registry restores Aspire too, and what it needs. */
function isRestricted() {
  const file = join(root, '.computeshare/registry.props');
  return existsSync(file) && readFileSync(file, 'utf8').includes('>restricted<');
}

function lock() {
  const known = existsSync(lockFile) ? read(lockFile) : {};
  const here = Object.fromEntries([...nugetPackages()].map(([key, entry]) => [key, entry.sha512]));
  const changed = Object.keys(here).filter(key => known[key] && known[key] !== here[key]);
  if (changed.length > 0) {
    throw new Error(`The same version with other bytes: ${changed.join(', ')}. Find out why before you take them out of ${lockFile}.`);
  }
  writeFileSync(lockFile, JSON.stringify(here, null, 2) + '\n');
  console.log(`${Object.keys(here).length} packages are locked.`);
}

function verify() {
  const known = read(lockFile);
  const packages = [...nugetPackages()];
  const other = packages.filter(([key, entry]) => known[key] && known[key] !== entry.sha512).map(([key]) => key);
  const unknown = packages.filter(([key]) => !known[key]).map(([key]) => key);
  if (other.length > 0) {
    throw new Error(`Not the bytes that are locked: ${other.join(', ')}.`);
  }
  if (unknown.length > 0 && isRestricted()) {
    throw new Error(`Not locked: ${unknown.join(', ')}. eng/supply-chain.mjs lock, when they are meant to be here.`);
  }
  console.log(`${packages.length - unknown.length} NuGet packages have the bytes that are locked${unknown.length ? `; ${unknown.length} are not locked (Aspire, and what it needs)` : ''}.`);
}

function nugetLicense(folder) {
  const spec = folder && readdirSync(folder).find(name => name.endsWith('.nuspec'));
  const text = spec ? readFileSync(join(folder, spec), 'utf8') : '';
  return /<license type="expression">([^<]+)</.exec(text)?.[1];
}

function licensed(license) {
  const one = / (AND|OR|WITH) /.test(license) ? { expression: license } : { license: /^[A-Za-z0-9.+-]+$/.test(license) ? { id: license } : { name: license } };
  return { licenses: [one] };
}

function component(type, name, version, license, isShipped, more) {
  const purl = `pkg:${type}/${name.replace('@', '%40')}@${version}`;
  return { type: 'library', 'bom-ref': purl, name, version, scope: isShipped ? 'required' : 'excluded', ...(license && licensed(license)), purl, ...more };
}

// NuGet's hash leaves a package's signature out, so that it is no file's.
const contentHash = sha512 => ({ properties: [{ name: 'nuget:contentHash', value: `sha512-${sha512}` }] });
const fileHash = integrity => integrity?.startsWith('sha512-') && { hashes: [{ alg: 'SHA-512', content: Buffer.from(integrity.slice(7), 'base64').toString('hex') }] };

function sbom(file = join(root, 'TestResults/sbom.cdx.json')) {
  const nuget = nugetPackages();
  const ref = key => `pkg:nuget/${key.replace('/', '@')}`;
  const commit = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8' }).stdout?.trim() || 'unknown';
  const components = [
    ...[...nuget].map(([key, entry]) =>
      component('nuget', ...key.split('/'), nugetLicense(entry.folder), shipped.some(project => entry.projects.has(project)), contentHash(entry.sha512))),
    ...[...npmPackages().values()].map(entry => component('npm', entry.name, entry.version, entry.license, false, fileHash(entry.integrity))),
  ];
  const projects = shipped.map(name => ({ type: 'application', 'bom-ref': `computeshare/${name}`, name: `ComputeShare.${name}`, version: commit }));
  const bom = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', 'bom-ref': 'computeshare', name: 'ComputeShare', version: commit } },
    components: [...projects, ...components],
    dependencies: [
      { ref: 'computeshare', dependsOn: projects.map(project => project['bom-ref']) },
      ...shipped.map(name => ({ ref: `computeshare/${name}`, dependsOn: [...nuget].filter(([, entry]) => entry.projects.has(name)).map(([key]) => ref(key)) })),
      ...[...nuget].map(([key, entry]) => ({ ref: ref(key), dependsOn: [...entry.uses].sort().map(ref) })),
    ],
  };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(bom, null, 2) + '\n');
  console.log(`${components.length} packages are listed in ${file}.`);
}

/** @returns An exit code: an audit that nobody answers is none, and says so. */
async function auditNuget() {
  const sources = execFileSync('dotnet', ['nuget', 'list', 'source', '--format', 'short'], { encoding: 'utf8' }).split('\n')
    .filter(line => line.startsWith('E ')).map(line => line.slice(2).trim());
  const withAdvisories = await Promise.all(sources.map(async source => {
    try {
      const index = await (await fetch(source, { signal: AbortSignal.timeout(20_000) })).json();
      return index.resources.some(resource => String(resource['@type']).startsWith('VulnerabilityInfo'));
    } catch {
      return false;
    }
  }));
  if (!withAdvisories.includes(true)) {
    console.log('NuGet: NOT AUDITED, the registry of this machine tells no advisories. Run this where it does.');
    return notAudited;
  }
  const listed = spawnSync('dotnet', ['list', 'ComputeShare.sln', 'package', '--vulnerable', '--include-transitive', '--format', 'json'],
    { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (listed.status !== 0 || !listed.stdout.includes('{')) {
    console.log(`NuGet: NOT AUDITED, dotnet list package failed: ${(listed.stdout + listed.stderr).trim().split('\n')[0]}`);
    return notAudited;
  }
  const found = new Set();
  for (const project of JSON.parse(listed.stdout.slice(listed.stdout.indexOf('{'))).projects ?? []) {
    for (const framework of project.frameworks ?? []) {
      for (const used of [...(framework.topLevelPackages ?? []), ...(framework.transitivePackages ?? [])]) {
        (used.vulnerabilities ?? []).forEach(one => found.add(`${used.id} ${used.resolvedVersion}: ${one.severity}, ${one.advisoryurl}`));
      }
    }
  }
  console.log(found.size === 0 ? 'NuGet: nothing is known against any package.' : `NuGet: ${[...found].join('\n       ')}`);
  return found.size === 0 ? nothingKnown : vulnerable;
}

function auditNpm(folder) {
  const asked = spawnSync('npm', ['audit', '--json', '--package-lock-only'], { cwd: join(root, folder), encoding: 'utf8', maxBuffer: 1 << 28 });
  let answer;
  try {
    answer = JSON.parse(asked.stdout);
  } catch {
    answer = {};
  }
  if (!answer.metadata?.vulnerabilities) {
    console.log(`npm, ${folder}: NOT AUDITED, the registry of this machine does not answer${answer.error?.code ? ` (${answer.error.code})` : ''}. Run this where it does.`);
    return notAudited;
  }
  const total = answer.metadata.vulnerabilities.total;
  console.log(`npm, ${folder}: ${total === 0 ? 'nothing is known against any package.' : `${total} found: ${Object.keys(answer.vulnerabilities).join(', ')}`}`);
  return total === 0 ? nothingKnown : vulnerable;
}

async function audit() {
  const codes = [await auditNuget(), ...npmFolders.map(auditNpm)];
  process.exitCode = [vulnerable, notAudited].find(code => codes.includes(code)) ?? nothingKnown;
}

const [command, ...options] = process.argv.slice(2);
const commands = { audit, lock, sbom, verify, undefined: async () => { verify(); sbom(); await audit(); } };
if (!Object.hasOwn(commands, `${command}`)) {
  console.error('usage: eng/supply-chain.mjs [verify|sbom [FILE]|audit|lock]');
  process.exit(2);
}
try {
  await commands[`${command}`](...options);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
