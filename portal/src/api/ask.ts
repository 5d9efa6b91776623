/** Requests whose types are the server's own description: what a route takes and what it gives. */
import { request, type RequestOptions } from './client'
import type { components } from './schema'

/** Documents that the server describes, by name. */
export type Schemas = Omit<components['schemas'], 'Routes'>

type Routes = components['schemas']['Routes']

/** A described route: its method and its path, with names in braces for what stands in their place. */
export type Route = keyof Routes

/** What a route gives. */
export type Given<R extends Route> = Routes[R]['gives'] extends null ? void : Routes[R]['gives']

/** What a route takes. */
export type Taken<R extends Route> = Routes[R] extends { readonly body: infer Body } ? Body : never

type NameIn<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NameIn<Rest>
  : never

type Optional<Name extends string, T> = [T] extends [never] ? unknown : { readonly [K in Name]: T }

type Query<R extends Route> = Routes[R] extends { readonly query: infer Q }
  ? { readonly query?: { readonly [K in keyof Q]: Q[K] | undefined } }
  : unknown

export type Question<R extends Route> = Omit<RequestOptions, 'body' | 'query'> &
  Optional<'body', Taken<R>> &
  Optional<'names', [NameIn<R>] extends [never] ? never : Readonly<Record<NameIn<R>, string>>> &
  Query<R>

/** Asks a route. Raises `ApiError`. */
export function ask<R extends Route>(
  route: R,
  ...[question]: object extends Question<R> ? [Question<R>?] : [Question<R>]
): Promise<Given<R>> {
  const [method = '', path = ''] = route.split(' ')
  const { names = {}, ...options } = (question ?? {}) as RequestOptions & {
    readonly names?: Readonly<Record<string, string>>
  }
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(names[name] ?? ''))
  return request<Given<R>>(method, filled, options)
}
