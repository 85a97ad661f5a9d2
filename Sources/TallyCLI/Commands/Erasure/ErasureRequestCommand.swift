// tally erasure request: whose keys are to be destroyed, and on what ground.

internal import ArgumentParser
internal import TallyCore
internal import TallyStore
internal import Tallystick

struct ErasureRequestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request",
        abstract: "Ask for the erasure of a subject or of a whole tenant.",
        discussion: """
            Examples:
              tally erasure request acme customer:8812 --ground art17-1-b --operator-key a.pem
              tally erasure request acme --whole-tenant --confirm acme --ground contract-ended

            Nothing is destroyed yet: another operator approves, then tally erasure run. With
            --owner-key the word of an owner is enough; a whole tenant then waits, for seven days
            or until --not-before, so that another owner can refuse it: tally erasure refuse. The
            subject is named as in its events; --class limits the erasure to retention classes.
            A name that no event has is refused, as it is most likely mistyped.
            """
    )

    @OptionGroup(title: "Connection") var ledger: LedgerOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var signer: SignerKeyOption

    @Argument(help: "The tenant's name.", completion: .tenant)
    var tenant: String

    @Argument(help: "The subject's name, as in customer:8812.")
    var subject: String?

    @Flag(help: "Erase the tenant with everything in it.")
    var wholeTenant = false

    @Option(help: ArgumentHelp("The tenant's name again, for a whole tenant.", valueName: "name"))
    var confirm: String?

    @Option(
        name: .customLong("class"),
        help: ArgumentHelp("Only this retention class; may be repeated.", valueName: "class")
    )
    var classes: [String] = []

    @Option(help: "The legal ground, a reference of 1 to 64 letters, digits and . _ : / # -")
    var ground: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Of a whole tenant by its owner: wait until then, as in +3d.",
            valueName: "time"
        ),
        transform: MomentArgument.time
    )
    var notBefore: Instant?

    @Flag(help: "Ask although nothing is held under that name, for what may come.")
    var absent = false

    @Flag(help: "Say what would be done, and do nothing.")
    var dryRun = false

    func validate() throws {
        guard (subject == nil) == wholeTenant else {
            throw ValidationError("name a subject, or give --whole-tenant")
        }
        guard !wholeTenant || classes.isEmpty else {
            throw ValidationError("a whole tenant has no retention classes: leave --class out")
        }
        guard !wholeTenant || confirm.map({ ByteText($0) }) == ByteText(tenant) else {
            throw ValidationError("to erase a whole tenant give its name again: --confirm NAME")
        }
        guard wholeTenant || notBefore == nil else {
            throw ValidationError("only a whole tenant waits: leave --not-before out")
        }
    }

    func run() async throws {
        let key = try signer.key()
        try await ledger.open { ledger in
            let tenant = try await ledger.known(tenant)
            if let subject, !absent {
                try await ledger.subjects
                    .requireKnown(subject, classes: classes, in: tenant)
            }
            if dryRun {
                let what = subject.map { "subject \($0)" } ?? "whole tenant"
                return Talk.say("would ask for the erasure of the \(what) in \(tenant.name)")
            }
            let erasures = ledger.erasures
            let request = try await request(tenant, key, erasures)
            let clones = try await erasures.clones(request.id).count
            if clones > 0 {
                Talk.say(
                    "it goes to clones of the tenant as well, signed and run together: \(clones)"
                )
            }
            try await DecisionView.explain(request.id, ledger)
            try DecisionView.show(
                request.id,
                request.state,
                output,
                asOwner: signer.ownerKey != nil
            )
            Talk.say("next: tally erasure run \(request.id.hex)")
        }
    }

    private func request(
        _ tenant: Tenant,
        _ key: OperatorKey?,
        _ erasures: Erasures
    ) async throws -> (id: DecisionID, state: DecisionState) {
        guard let subject else {
            return try await erasures.request(
                tenant: tenant,
                ground: ground,
                notBefore: notBefore,
                by: key
            )
        }
        return try await erasures.request(
            subject: subject,
            of: tenant,
            classes: classes.isEmpty ? nil : classes,
            ground: ground,
            by: key
        )
    }
}
