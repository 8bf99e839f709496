/**
 * The body of the page of the scope playground: two fields side by side, and the places of the answer. It holds no
 * answer; the script `page.ts` fills it in.
 *
 * @module
 */
import { fragmentOf } from './question.js'
import type { Question } from './question.js'
import type { Html } from '../host/html.js'
import { html } from '../host/html.js'

/** Questions to begin with. */
export const exampleQuestions: ReadonlyArray<{ readonly title: string; readonly question: Question }> = [
  {
    title: 'Two narrow scopes cover one request',
    question: {
      requested: 'patient/Observation.rs?category=laboratory,vital-signs',
      granted: 'patient/Observation.rs?category=laboratory patient/Observation.rs?category=vital-signs',
      userIncludesPatient: false
    }
  },
  {
    title: 'A code with and without its system',
    question: {
      requested: 'patient/Observation.rs?category=laboratory',
      granted: 'patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory',
      userIncludesPatient: false
    }
  },
  {
    title: 'Every type, now and in the future',
    question: {
      requested: 'patient/*.rs',
      granted: 'patient/Observation.rs patient/Condition.rs patient/MedicationRequest.rs',
      userIncludesPatient: false
    }
  },
  {
    title: 'Version 1 and version 2',
    question: {
      requested: 'patient/*.read launch/patient openid fhirUser offline_access',
      granted: 'launch/patient openid fhirUser patient/*.r patient/*.s',
      userIncludesPatient: false
    }
  },
  {
    title: 'A user and a patient',
    question: { requested: 'patient/Observation.rs', granted: 'user/*.cruds', userIncludesPatient: true }
  },
  {
    title: 'A mistake in a scope',
    question: {
      requested: 'patient/Observation.sr patient/condition.read launch/patient',
      granted: 'patient/*.rs launch/patient',
      userIncludesPatient: false
    }
  }
]

const field = (name: 'requested' | 'granted', title: string): Html =>
  html`<section class="side">
<h2><label for="${name}">${title}</label></h2>
<div class="editor"><div class="marks" id="${name}-marks" aria-hidden="true"></div>
<textarea id="${name}" rows="3" spellcheck="false" autocapitalize="off" autocomplete="off"
aria-describedby="${name}-faults"></textarea></div>
<div id="${name}-faults" aria-live="polite"></div>
<div id="${name}-meaning"></div>
</section>`

/** The body of the page. */
export const playgroundForm: Html = html`<div class="playground" id="playground">
<p>Write two scope sets and see what they permit. The library runs in this page: nothing is sent to a server, and the
address of the page holds the question.</p>
<noscript><p class="problem">This page needs JavaScript, because the library runs in it.</p></noscript>
<ul class="examples" aria-label="Examples">${exampleQuestions.map(
  ({ title, question }) => html`<li><a href="#${fragmentOf(question)}">${title}</a></li>`
)}</ul>
<div class="sides">${field('requested', 'Requested')}${field('granted', 'Granted')}</div>
<p><label class="option"><input type="checkbox" id="levels"> <span>The host declares that <code>user/</code> includes
<code>patient/</code></span></label></p>
<section>
<h2>Does the granted set include the requested set?</h2>
<div id="comparison" aria-live="polite"></div>
<div id="order"></div>
</section>
<p><button type="button" id="copy">Copy link</button> <span id="copied" role="status"></span></p>
</div>`
