import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Plugin } from 'vite'

const TEXT = /\.(css|js|json|svg|ttf)$/

/** The last bit of compression costs seconds a megabyte: it is for what comes with the first page. */
const LARGE_BYTES = 500_000
const brotli = (size: number) => ({
  params: {
    [constants.BROTLI_PARAM_QUALITY]: size > LARGE_BYTES ? 10 : 11,
    [constants.BROTLI_PARAM_LGWIN]: 22,
  },
})

/** Writes `name.br` and `name.gz` beside each hashed file, so that the server compresses nothing while it serves. */
export function compress(): Plugin {
  let folder = ''
  return {
    name: 'kelp-compress',
    apply: 'build',
    configResolved(config) {
      folder = join(config.root, config.build.outDir)
    },
    async closeBundle() {
      const names = (await readdir(folder)).filter((name) => TEXT.test(name))
      await Promise.all(names.map((name) => compressFile(join(folder, name))))
    },
  }
}

async function compressFile(path: string): Promise<void> {
  const content = await readFile(path)
  await Promise.all([
    promisify(brotliCompress)(content, brotli(content.length)).then((packed) =>
      writeFile(`${path}.br`, packed),
    ),
    promisify(gzip)(content, { level: 9 }).then((packed) => writeFile(`${path}.gz`, packed)),
  ])
}
