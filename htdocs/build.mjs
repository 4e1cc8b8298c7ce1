// SPDX-License-Identifier: Apache-2.0
// Builds the console: src/ to dist/index.html and dist/assets/. Names of
// assets carry a hash of what is in them, so they may be cached for ever; beside
// each is a compressed one, which is sent to who takes it.
// --watch builds again at every change.
import { build, context } from 'esbuild';
import { readFileSync, writeFileSync, rmSync, mkdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');
const assets = join(dist, 'assets');
const watch = process.argv.includes('--watch');

// index.html names the two files that a first load begins with.
function writeIndex(outputs) {
    const made = Object.keys(outputs);
    const find = (entry) =>
        basename(made.find((name) => outputs[name].entryPoint?.endsWith(entry)));
    const html = readFileSync(join(here, 'index.html'), 'utf8')
        .replace('{script}', find('main.jsx'))
        .replace('{style}', find('style.css'))
        .replace('{icon}', basename(made.find((name) => name.endsWith('.svg'))));
    writeFileSync(join(dist, 'index.html'), html);
}

function kib(bytes) { return (bytes / 1024).toFixed(1) + ' KiB'; }

function compress(outputs) {
    for (const name of Object.keys(outputs)) {
        const text = readFileSync(join(here, name));
        const packed = gzipSync(text, { level: 9 });
        writeFileSync(join(here, name + '.gz'), packed);
        console.log(`${basename(name)}: ${kib(text.length)}, compressed `
            + kib(packed.length));
    }
}

const finish = {
    name: 'finish',
    setup(run) {
        run.onEnd((result) => {
            if (result.errors.length)
                return;
            writeIndex(result.metafile.outputs);
            compress(result.metafile.outputs);
        });
    },
};

const options = {
    absWorkingDir: here,
    entryPoints: ['src/main.jsx', 'src/style.css', 'src/icon.svg'],
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    outdir: 'dist/assets',
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    loader: { '.svg': 'copy' },
    minify: !watch,
    sourcemap: watch ? 'linked' : false,
    legalComments: 'none',
    metafile: true,
    plugins: [finish],
};

rmSync(dist, { recursive: true, force: true });
mkdirSync(assets, { recursive: true });
if (watch)
    await (await context(options)).watch();
else
    await build(options);
