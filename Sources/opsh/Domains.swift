import Approvals
import Checks
import Fleet
import JournalPrimitives
import PluginHost
import PrimitiveKit
import Runbooks
import Scripting
import SecretPrimitives
import Site

extension Opsh {
  /// What opsh consists of: a new domain is a new line.
  static var domains: [Domain] {
    [
      .approvals,
      .checking,
      .fleet,
      .journal,
      .plugins,
      .runbooks,
      .scripting,
      .secrets,
      .sets,
      .systems,
      .program,
    ]
  }
}
