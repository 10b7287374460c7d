/// Tells somebody who is not at the terminal.
package protocol Notifier: Sendable {
  /// As routes of the site name it.
  var name: String { get }
  /// When it must have answered.
  var deadline: Duration { get }

  /// Hands an event over; returns once it was taken.
  ///
  /// Throws why it was not, also when there was no answer by the deadline.
  func deliver(_ event: Value) async throws(CallFailure)
}

/// The notifiers of a session.
package struct Notifiers: Sendable {
  private let byName: [String: any Notifier]
  private let others: [String: String]

  /// The first of several with one name counts; `others` are more names of some of them.
  package init(_ notifiers: [any Notifier] = [], others: [String: String] = [:]) {
    byName = Dictionary(notifiers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    self.others = others
  }

  /// All names, in alphabetical order.
  package var names: [String] { Set(byName.keys).union(others.keys).sorted() }

  /// The one name that stands for a notifier, whichever of its names this is.
  package func name(of name: String) -> String { byName[name] == nil ? others[name] ?? name : name }

  package subscript(name: String) -> (any Notifier)? { byName[self.name(of: name)] }
}

extension Surroundings {
  private enum NotifiersKey: SurroundingsKey {
    static var fallback: Notifiers { Notifiers() }
  }

  /// Who can be told of something: programs of the site, and notifiers of plugins.
  package var notifiers: Notifiers {
    get { self[NotifiersKey.self] }
    set { self[NotifiersKey.self] = newValue }
  }
}
