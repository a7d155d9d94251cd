// SPDX-License-Identifier: MIT
import { holdClaims } from '../fixture/claims.js';
import { Firefox, skip } from '../fixture/firefox.js';

holdClaims('Firefox', { skip, start: Firefox.start });
