import { ApiError } from '@/api/client'
import { t } from '@/i18n/en/onboarding'
import type { Architecture, OnboardingPlan } from './api'

/** What stands in the form. */
export interface Draft {
  readonly architecture: Architecture
  readonly workspace: string
  readonly suffix: string
  readonly manager: string
  readonly pulled: string
  readonly list: string
  readonly template: string
}

export const EMPTY: Draft = {
  architecture: 'central',
  workspace: '',
  suffix: 'customers.local',
  manager: '',
  pulled: 'Heartbeat',
  list: '',
  template: '',
}

const LOG_ANALYTICS_CONTRIBUTOR = '92aaf0da-9dab-42b6-94a3-d43ce8d16293'
const BAD_REQUEST = 400

/** What the server is asked: only what the chosen architecture has. Raises `ApiError` for a template that is none. */
export function planOf(draft: Draft): OnboardingPlan {
  const { architecture } = draft
  const hasTenants = architecture !== 'central'
  return {
    architecture,
    ...(architecture === 'distributed' ? {} : { workspaceResourceId: draft.workspace }),
    ...(hasTenants ? { domainSuffix: draft.suffix } : {}),
    ...(hasTenants && draft.manager !== ''
      ? {
          authorizations: [{ principalId: draft.manager, roleDefinitionId: LOG_ANALYTICS_CONTRIBUTOR }],
        }
      : {}),
    ...(architecture === 'hybrid' ? { pulledTables: namesIn(draft.pulled) } : {}),
    ...(draft.template.trim() === '' ? {} : { template: readTemplate(draft.template) }),
  }
}

function namesIn(text: string): string[] {
  return text.split(/[\s,;]+/).filter(Boolean)
}

function readTemplate(text: string): unknown {
  try {
    const found: unknown = JSON.parse(text)
    if (typeof found === 'object' && found !== null && !Array.isArray(found)) return found
  } catch {
    // told below, as for any other text
  }
  const detail = { code: 'InvalidTemplate', message: t.noTemplate, target: 'template' }
  throw new ApiError(BAD_REQUEST, detail.code, detail.message, [detail])
}
