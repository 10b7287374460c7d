package import PrimitiveKit

/// Why a selection names no hosts or bots of the site.
package enum SelectionError: OperatorError, Equatable {
  case set(NameSetError)
  /// Names the site does not have, with those it may have meant.
  case unknownNames(NameSet, selection: String, nearest: [String])
  case empty(String)
  /// Hosts that come after each other, the first again at the end.
  case orderCycle([String])

  package var failureClass: FailureClass { .invalid }

  package var code: String {
    switch self {
    case .set(let error): error.code
    case .unknownNames: "fleet.unknown_name"
    case .empty: "fleet.empty_selection"
    case .orderCycle: "fleet.order_cycle"
    }
  }

  package var message: String {
    switch self {
    case .set(let error): error.message
    case .unknownNames(let names, _, _): "the site has no \(names.folded)"
    case .empty(let text) where text.isEmpty: "the selection is empty"
    case .empty(let text): "'\(text)' selects nothing"
    case .orderCycle(let hosts): "the `after` of hosts forms a cycle: \(hosts.joined(separator: " after "))"
    }
  }

  package var hint: String? {
    switch self {
    case .set(let error): error.hint
    case .unknownNames(_, _, let nearest):
      nearest.isEmpty
        ? "`fleet.hosts()`, `fleet.bots()` and `fleet.groups()` list what the site has"
        : "did you mean \(nearest.map { "'\($0)'" }.joined(separator: " or "))?"
    case .orderCycle: "remove one `after` from the site"
    case .empty: "write \"*\" for every host, or name hosts, bots or groups"
    }
  }
}
