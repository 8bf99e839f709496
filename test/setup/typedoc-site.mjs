/**
 * What the site of the documentation adds to TypeDoc: a guide is listed by its first heading and not by the name of its
 * file, a main function without an example is a warning, which fails the build, and every page has a link to the scope
 * playground (playground-site.mjs).
 */
import { Application, Converter, JSX, ReflectionKind } from 'typedoc'

/** The functions that users begin with: what creates a part, the hosts, and the functions of the scope language. */
const isMain = (/** @type {string} */ module, /** @type {string} */ name) =>
  module === 'scopes' || (!module.startsWith('fp-ts') && /^(?:create|smart)[A-Z]/.test(name))

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
  app.renderer.hooks.on('pageSidebar.end', (context) =>
    JSX.createElement('p', null, [
      JSX.createElement('a', { href: context.relativeURL('playground/index.html') }, 'Scope playground')
    ])
  )
  app.on(Application.EVENT_VALIDATE_PROJECT, (project) => {
    for (const module of project.getChildrenByKind(ReflectionKind.Module)) {
      for (const one of module.getChildrenByKind(ReflectionKind.Function)) {
        if (isMain(module.name, one.name) && !hasExample(one))
          app.logger.warn(`${module.name}.${one.name} has no example`)
      }
    }
  })
}
