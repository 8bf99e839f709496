/**
 * What the site of the documentation adds to TypeDoc: a guide is listed by its first heading and not by the name of its
 * file, and a main function without an example is a warning, which fails the build.
 */
import { Application, Converter, ReflectionKind } from 'typedoc'

/** Modules whose functions are the ones that users begin with. `smart-app-launch/fp-ts` has the same functions. */
const mainModules = /^(?:server|resource|app|scopes|hosts\/\w+|adapters\/[\w-]+)$/

/** A function in a main module is one that users begin with, unless it is one of these helpers. */
const helpers = new Set(/** @type {ReadonlyArray<string>} */ ([]))

/** @param {import('typedoc').DeclarationReflection} reflection */
const hasExample = (reflection) =>
  [reflection.comment, ...(reflection.signatures ?? []).map(({ comment }) => comment)].some((comment) =>
    comment?.blockTags.some(({ tag }) => tag === '@example')
  )

/** @param {Application} app */
export const load = (app) => {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const document of project.documents ?? []) {
      const [, heading] = /^# (.+)$/m.exec(document.content[0]?.text ?? '') ?? []
      if (heading !== undefined) document.name = heading.replaceAll('`', '')
    }
  })
  app.on(Application.EVENT_VALIDATE_PROJECT, (project) => {
    for (const module of project.getChildrenByKind(ReflectionKind.Module)) {
      if (!mainModules.test(module.name)) continue
      for (const one of module.getChildrenByKind(ReflectionKind.Function)) {
        if (!helpers.has(one.name) && !hasExample(one)) app.logger.warn(`${module.name}.${one.name} has no example`)
      }
    }
  })
}
