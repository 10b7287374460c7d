/// What a caller makes of a change that reached only some of its hosts.
package enum Tolerance: Sendable {
  /// It looks at the answer itself: a person at the prompt, or a plain script.
  case any
  /// Only what a budget allows may fail: the calls of a runbook.
  case budget
  /// Nothing may fail, since the budget is the caller's: an item of a loop.
  case none
}
