import Foundation
import Journal
package import PrimitiveKit

/// Opens the journal when it is first needed: what only looks starts without one.
package actor RegistryOpener {
  private let make: @Sendable () async throws(CallFailure) -> RunRegistry
  private let exists: @Sendable () -> Bool
  private var opening: Task<Result<RunRegistry, CallFailure>, Never>?
  private var opened: RunRegistry?

  /// `exists` says whether there is a journal already; a missing one is created.
  package init(
    exists: @escaping @Sendable () -> Bool = { true },
    _ make: @escaping @Sendable () async throws(CallFailure) -> RunRegistry
  ) {
    self.exists = exists
    self.make = make
  }

  /// Whether opening it makes nothing.
  package var isThere: Bool { opening != nil || exists() }

  /// The registry; tried again after a failure.
  ///
  /// Throws `journal.*`.
  package func open() async throws(CallFailure) -> RunRegistry {
    let make = make
    let task = opening ?? Task { await CallFailure.result(make) }
    opening = task
    let result = await task.value
    switch result {
    case .success(let registry): opened = registry
    case .failure: opening = nil
    }
    return try result.get()
  }

  /// Ends the work on the journal, where there was any, before the process ends.
  ///
  /// Does not wait for one that is still being opened: nothing was written to it, and it may never answer.
  package func finish() async { await opened?.keepHead() }
}
