// SPDX-License-Identifier: MIT
import { holdClaims } from '../fixture/claims.js';
import { WebKit, skip } from '../fixture/webkit.js';

holdClaims('WebKit', { skip, start: WebKit.start });
