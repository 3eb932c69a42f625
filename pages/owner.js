// owner: the scorecard of a person, a team or a division.
import { html } from 'aright/ui';
import { Scorecard } from 'aright/scorecard';

export default ({ id }) => html`<${Scorecard} name=${id} of=${{ owner: id }} />`;
