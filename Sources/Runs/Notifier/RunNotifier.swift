/// Tells somebody who is not at the terminal.
package protocol RunNotifier: Sendable {
  /// Sends a notice on its way and returns at once; never fails.
  func notify(_ notice: RunNotice)

  /// Waits until every notice arrived or was given up.
  func finish() async
}

/// Tells nobody: for sites without `notify`.
package struct NoNotifier: RunNotifier {
  package init() {}
  package func notify(_ notice: RunNotice) {}
  package func finish() async {}
}
