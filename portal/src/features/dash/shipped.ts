/** The dashboards that come with Kelp: for the logs of one's own machines. Read-only; a copy can be changed. */

import type { Dashboard } from './document'
import errors from './shipped/errors.json'
import ingestion from './shipped/ingestion-and-cost.json'
import health from './shipped/machine-health.json'

export const SHIPPED = [health, errors, ingestion] as unknown as readonly Dashboard[]

export function findShipped(id: string): Dashboard | undefined {
  return SHIPPED.find((dashboard) => dashboard.id === id)
}
