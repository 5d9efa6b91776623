/** Takes a dashboard from a text, whatever product it is of. */

import { ApiError } from '@/api/client'
import { t } from '@/i18n/en/dash'
import { readDashboard } from '../document'
import { importAdxDashboard, isAdxDashboard } from './adx'
import { importAzureWorkbook, isAzureWorkbook } from './azure'
import { importGrafanaDashboard, isGrafanaDashboard } from './grafana'
import { isJson, newReport, textOf, type Imported } from './report'

const BAD = 400

/** The dashboard of a text, as a new one. Raises `ApiError` with all that is wrong with it. */
export function readForeign(text: string): Imported {
  const read = readDashboard(text)
  if (read.dashboard)
    return { dashboard: { ...read.dashboard, id: crypto.randomUUID() }, report: newReport() }
  const document = parse(text)
  if (isAzureWorkbook(document)) return importAzureWorkbook(document, textOf(document['title']) ?? t.workbook)
  if (isAdxDashboard(document)) return importAdxDashboard(document)
  if (isGrafanaDashboard(document)) return importGrafanaDashboard(document)
  throw new ApiError(
    BAD,
    'NotADashboard',
    t.importNeither,
    read.faults.map(({ target, message }) => ({ code: 'InvalidDashboard', target, message })),
  )
}

/** The document itself: it may lie in a resource as text, or in the envelope of Grafana's API. */
function parse(text: string): unknown {
  const document = parseJson(text)
  if (!isJson(document)) return document
  const { properties, dashboard } = document
  if (isJson(properties) && textOf(properties['serializedData']))
    return parseJson(String(properties['serializedData']))
  return isJson(dashboard) && !('panels' in document) ? dashboard : document
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}
