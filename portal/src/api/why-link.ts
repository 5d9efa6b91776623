/** Where the portal explains a refusal of access. */

import type { ApiError } from './client'

/** The page that explains a refusal, with who, action and scope filled in; undefined where no role is missing. */
export function whyHref({ missingRight }: ApiError, pathname: string): string | undefined {
  const tenant = /^\/t\/([^/]+)/.exec(pathname)?.[1]
  return missingRight === '' || !tenant ? undefined : `/t/${tenant}/access?tab=why&${missingRight}`
}
