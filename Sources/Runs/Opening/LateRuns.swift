import Foundation
package import PrimitiveKit

/// Opens runs in a journal that is itself opened only then.
package struct LateRuns: RunOpener {
  private let registry: RegistryOpener
  private let admission: (any RunAdmission)?

  /// Without `admission` every run may begin.
  package init(_ registry: RegistryOpener, admission: (any RunAdmission)? = nil) {
    self.registry = registry
    self.admission = admission
  }

  package func wantsPlan(of request: RunRequest) -> Bool { admission?.reason(for: request) != nil }

  package func outlook(of request: RunRequest) async -> Outlook {
    var outlook = Outlook(locks: request.scopes.locking.map(\.description), approval: admission?.reason(for: request))
    // Where there is no journal, nobody holds anything, and looking makes none.
    guard await registry.isThere, !request.scopes.isEmpty else { return outlook }
    let registry = try? await registry.open()
    outlook.held =
      (try? await registry?.locks.conflicts(request.scopes, except: request.id ?? "")) ?? [
        "the journal does not answer"
      ]
    return outlook
  }

  package func admit(_ request: RunRequest) async throws(CallFailure) { try admission?.refuse(request) }

  package func withRun<Answer: Sendable>(
    _ request: RunRequest,
    world: World,
    _ body: (Run) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    var request = request
    let id = request.id ?? RunID.make(seed: world.drawSeed(), now: world.now())
    request.id = id
    let (admission, opener, admitted) = (admission, registry, request)
    let now = Int(world.now().timeIntervalSince1970)
    return try await registry.open().withRun(request, world: world, body) { () throws(CallFailure) in
      try await admission?.admit(admitted, run: id, now: now, opener) ?? nil
    }
  }
}
