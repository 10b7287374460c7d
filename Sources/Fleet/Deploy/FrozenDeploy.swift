import PrimitiveKit
import Rollout
import Site

/// A confirmed deploy as its run keeps it: whoever takes the run up performs this and asks nobody again.
struct FrozenDeploy: Codable, Sendable, Equatable {
  /// Some bots of one host.
  struct Share: Codable, Sendable, Equatable {
    let host: String
    let bots: [String]
  }

  let target: String
  let shares: [Share]
  let image: ImageReference
  let reason: String?
  /// True when it goes back to an image that ran before; else nil.
  let restores: Bool?
  /// The live bots, which stay as they are found; nil where there are none.
  let live: [String]?
  /// Order, delays, seed, policy and the hosts that were left out.
  let rollout: RolloutPlan

  init(_ request: DeployRequest, _ rollout: RolloutPlan) {
    target = request.target
    shares = request.shares.map { Share(host: $0.host.name, bots: $0.bots) }
    image = request.image.reference
    reason = request.reason
    restores = request.restores
    live = request.live.isEmpty ? nil : request.live.sorted()
    self.rollout = rollout
  }

  /// The request it came from; throws `plan.other_site` when the site no longer has one of its hosts.
  func request(in site: Site) throws(CallFailure) -> DeployRequest {
    var found: [HostShare] = []
    for share in shares {
      guard let host = site.host(named: share.host) else {
        throw CallFailure(
          .refused,
          code: "plan.other_site",
          message: "the deploy was planned with host '\(share.host)', which the site '\(site.name)' does not have",
          hint: "resume it with the site it was started on"
        )
      }
      found.append(HostShare(host: host, bots: share.bots))
    }
    guard let image = Image(image) else {
      throw CallFailure(.journal, code: "journal.coding", message: "the recorded image '\(image.digest)' has no digest")
    }
    return DeployRequest(
      target: target,
      shares: found,
      image: image,
      policy: rollout.policy,
      reason: reason,
      restores: restores,
      live: Set(live ?? [])
    )
  }
}

extension Image {
  /// The image that an operation carries; nil when its digest is none.
  init?(_ reference: ImageReference) {
    guard let digest = Digest(reference.digest) else { return nil }
    self.init(name: reference.name, digest: digest, source: reference.source)
  }
}
