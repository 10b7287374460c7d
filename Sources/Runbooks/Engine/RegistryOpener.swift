import Foundation
import Journal
package import PrimitiveKit

/// Opens the journal when it is first needed: what only looks starts without one.
package actor RegistryOpener {
  private let make: @Sendable () async throws(CallFailure) -> RunRegistry
  private var opening: Task<Result<RunRegistry, CallFailure>, Never>?

  package init(_ make: @escaping @Sendable () async throws(CallFailure) -> RunRegistry) { self.make = make }

  /// The registry; tried again after a failure.
  ///
  /// Throws `journal.*`.
  package func open() async throws(CallFailure) -> RunRegistry {
    let make = make
    let task = opening ?? Task { await LuaInvoker.result(make) }
    opening = task
    let result = await task.value
    if case .failure = result { opening = nil }
    return try result.get()
  }

  /// Ends the work on the journal, where there was any, before the process ends.
  package func finish() async {
    if case .success(let registry)? = await opening?.value { await registry.journal.anchorNewest() }
  }
}

/// Opens runs in a journal that is itself opened only then.
package struct LateRuns: RunOpener {
  private let registry: RegistryOpener
  private let admission: CallAdmission?

  /// Without `admission` every run may begin.
  package init(_ registry: RegistryOpener, admission: CallAdmission? = nil) {
    self.registry = registry
    self.admission = admission
  }

  package func wantsPlan(of request: RunRequest) -> Bool { admission?.reason(for: request) != nil }

  package func admit(_ request: RunRequest) async throws(CallFailure) { try admission?.refuse(request) }

  package func withRun<Answer: Sendable>(
    _ request: RunRequest,
    world: World,
    _ body: (Run) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    var request = request
    let id = request.id ?? RunID.make(seed: world.drawSeed(), now: world.now())
    request.id = id
    try await admission?.admit(request, run: id, now: Int(world.now().timeIntervalSince1970), registry)
    return try await registry.open().withRun(request, world: world, body)
  }
}
