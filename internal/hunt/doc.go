// Package hunt looks for broken claims with rapid: it draws a schedule from the
// steps that are enabled, takes each step on the model and on the
// implementation in lockstep, and checks the claims after every step. rapid
// shrinks what fails.
//
// The same property serves the tests in properties/ (with a *testing.T) and the
// command line (with a recorder), so that a kill in the one is a kill in the
// other.
package hunt
