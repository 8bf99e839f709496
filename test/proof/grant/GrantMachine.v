(** * The grant machine as a finite relation, and what follows from checks of that relation.

    The relation is a list of rows. It is written by [relation.ts] from the transition table of the package: a row says
    which facts about a state and an event lead to which outcome. This file says what a row means for a grant with
    unbounded numbers (generations, epochs), and proves that [failing relation = nil], which is computed, implies the
    theorems at the end. No axiom is used. *)
Require Import List Bool Arith Lia.
Import ListNotations.

(** ** States, events and facts *)

Inductive tag :=
  AwaitingUser | AwaitingContext | AwaitingConsent | CodeIssued | Active | Backend | Denied | Revoked | Expired.

Inductive kind :=
  UserSignedIn | ContextChosen | ContextUnavailable | PageNeeded | ConsentGiven | UserDenied
| CodePresented | RefreshTokenPresented | RevocationRequested | TokenRevocationRequested.

(** What is compared in a step. *)
Inductive question :=
  QSecret | QServer | QClient | QVerifier | QTarget | QRedirect | QCodeClock | QRegistration | QPermission
| QFailedBinding | QClientType | QRefresh | QGrantClock | QGeneration | QGrace | QRepeated | QSession | QRotation
| QToken | QEpoch | QTokenClock | QAccessRevocation | QBrowser | QForm | QInteractionClock | QUser | QSignIn.

(** What the comparison says. *)
Inductive fact :=
  SecretRight | SecretWrong
| ServerOwn | ServerOther
| ClientOwn | ClientOther
| VerifierRight | VerifierWrong | VerifierMissing
| TargetRight | TargetWrong
| RedirectRight | RedirectWrong
| CodeInTime | CodeLate
| RegistrationKept | RegistrationChanged
| PermissionUnknown | PermissionGiven | PermissionEnded
| FailedBindingRevokes | FailedBindingKeeps
| ClientTypeKept | ClientTypeLost
| RefreshNone | RefreshOffline | RefreshOnline
| GrantInTime | GrantLate
| GenerationAhead | GenerationCurrent | GenerationPrevious | GenerationOlder
| GraceOpen | GraceClosed
| WasRepeated | NotRepeated
| SessionUnknown | SessionLasts | SessionOver
| RotationOn | RotationOff
| TokenIsRefresh | TokenIsAccess
| EpochAhead | EpochCurrent | EpochOlder
| TokenInTime | TokenLate
| RevocationOfAccess | RevocationOfGrant
| BrowserRight | BrowserWrong
| FormRight | FormWrong
| InteractionInTime | InteractionLate
| UserSame | UserOther
| SignInRecent | SignInOld.

Definition question_of (f : fact) : question :=
  match f with
  | SecretRight | SecretWrong => QSecret
  | ServerOwn | ServerOther => QServer
  | ClientOwn | ClientOther => QClient
  | VerifierRight | VerifierWrong | VerifierMissing => QVerifier
  | TargetRight | TargetWrong => QTarget
  | RedirectRight | RedirectWrong => QRedirect
  | CodeInTime | CodeLate => QCodeClock
  | RegistrationKept | RegistrationChanged => QRegistration
  | PermissionUnknown | PermissionGiven | PermissionEnded => QPermission
  | FailedBindingRevokes | FailedBindingKeeps => QFailedBinding
  | ClientTypeKept | ClientTypeLost => QClientType
  | RefreshNone | RefreshOffline | RefreshOnline => QRefresh
  | GrantInTime | GrantLate => QGrantClock
  | GenerationAhead | GenerationCurrent | GenerationPrevious | GenerationOlder => QGeneration
  | GraceOpen | GraceClosed => QGrace
  | WasRepeated | NotRepeated => QRepeated
  | SessionUnknown | SessionLasts | SessionOver => QSession
  | RotationOn | RotationOff => QRotation
  | TokenIsRefresh | TokenIsAccess => QToken
  | EpochAhead | EpochCurrent | EpochOlder => QEpoch
  | TokenInTime | TokenLate => QTokenClock
  | RevocationOfAccess | RevocationOfGrant => QAccessRevocation
  | BrowserRight | BrowserWrong => QBrowser
  | FormRight | FormWrong => QForm
  | InteractionInTime | InteractionLate => QInteractionClock
  | UserSame | UserOther => QUser
  | SignInRecent | SignInOld => QSignIn
  end.

Definition tag_eq (a b : tag) : {a = b} + {a <> b}. decide equality. Defined.
Definition kind_eq (a b : kind) : {a = b} + {a <> b}. decide equality. Defined.
Definition question_eq (a b : question) : {a = b} + {a <> b}. decide equality. Defined.
Definition fact_eq (a b : fact) : {a = b} + {a <> b}. decide equality. Defined.

Definition is_tag (a b : tag) : bool := if tag_eq a b then true else false.
Definition is_kind (a b : kind) : bool := if kind_eq a b then true else false.

(** ** Rows *)

Inductive generation_change := GenerationKept | GenerationFirst | GenerationNext | GenerationStray.
Inductive epoch_change := EpochKept | EpochFirst | EpochBeyondPresented | EpochStray.
Inductive repeated_change := RepeatedKept | RepeatedSet | RepeatedCleared.

(** [GivesTokens b]: an access token of the epoch of the new state and, if [b], a refresh token of its generation. *)
Inductive command :=
  GivesCode | GivesTokens (refresh : bool) | GivesStray | Refuses | RedirectsRefusal | ShowsPage | CallsHost
| ConfirmsGrant | ConfirmsAccessTokens | ConfirmsNothing.

Record row := Row {
  row_from : tag;
  row_event : kind;
  row_facts : list fact;
  row_to : tag;
  row_written : bool;
  row_generation : generation_change;
  row_epoch : epoch_change;
  row_repeated : repeated_change;
  row_command : command
}.

Record grant := Grant { tag_of : tag; generation : nat; epoch : nat; repeated : bool }.

Record event := Event {
  kind_of : kind;
  (** The generation of the presented refresh token, and the epoch of the presented access token. *)
  presented_generation : nat;
  presented_epoch : nat;
  says : question -> fact
}.

Definition holds (e : event) (f : fact) : Prop := says e (question_of f) = f.

Definition generation_order (presented current : nat) : fact :=
  if current <? presented then GenerationAhead
  else if presented =? current then GenerationCurrent
  else if S presented =? current then GenerationPrevious
  else GenerationOlder.

Definition epoch_order (presented current : nat) : fact :=
  if current <? presented then EpochAhead else if presented =? current then EpochCurrent else EpochOlder.

(** The comparisons of an event say what the numbers are. *)
Definition consistent (g : grant) (e : event) : Prop :=
  says e QGeneration = generation_order (presented_generation e) (generation g) /\
  says e QEpoch = epoch_order (presented_epoch e) (epoch g) /\
  says e QRepeated = (if repeated g then WasRepeated else NotRepeated).

Definition generation_after (r : row) (g : grant) : nat :=
  match row_generation r with
  | GenerationKept => generation g
  | GenerationNext => S (generation g)
  | GenerationFirst | GenerationStray => 0
  end.

Definition epoch_after (r : row) (g : grant) (e : event) : nat :=
  match row_epoch r with
  | EpochKept => epoch g
  | EpochBeyondPresented => S (presented_epoch e)
  | EpochFirst | EpochStray => 0
  end.

Definition repeated_after (r : row) (g : grant) : bool :=
  match row_repeated r with RepeatedKept => repeated g | RepeatedSet => true | RepeatedCleared => false end.

Definition after (r : row) (g : grant) (e : event) : grant :=
  if row_written r
  then Grant (row_to r) (generation_after r g) (epoch_after r g e) (repeated_after r g)
  else g.

(** One step of one grant: some row of the relation applies. *)
Inductive step (relation : list row) (g : grant) (e : event) : grant -> command -> Prop :=
| step_by (r : row) :
    In r relation -> row_from r = tag_of g -> row_event r = kind_of e -> consistent g e ->
    Forall (holds e) (row_facts r) ->
    step relation g e (after r g e) (row_command r).

(** ** Checks of rows, which are computed *)

Definition has (r : row) (f : fact) : bool := existsb (fun f' => if fact_eq f f' then true else false) (row_facts r).

(** Whether an event of which [f] holds may match the row. *)
Definition admits (r : row) (f : fact) : bool :=
  forallb
    (fun f' =>
       if question_eq (question_of f) (question_of f') then if fact_eq f f' then true else false else true)
    (row_facts r).

Definition ended (t : tag) : bool := match t with Denied | Revoked | Expired => true | _ => false end.
Definition in_conversation (t : tag) : bool :=
  match t with AwaitingUser | AwaitingContext | AwaitingConsent => true | _ => false end.

Definition gives_code (c : command) : bool := match c with GivesCode => true | _ => false end.
Definition gives_tokens (c : command) : bool := match c with GivesTokens _ => true | _ => false end.
Definition gives (c : command) : bool :=
  match c with GivesCode | GivesTokens _ | GivesStray => true | _ => false end.
Definition confirms (c : command) : bool :=
  match c with ConfirmsGrant | ConfirmsAccessTokens | ConfirmsNothing => true | _ => false end.

Definition from_is (r : row) (t : tag) : bool := is_tag (row_from r) t.
Definition to_is (r : row) (t : tag) : bool := is_tag (row_to r) t.
Definition on (r : row) (k : kind) : bool := is_kind (row_event r) k.
Definition generation_is_kept (r : row) : bool := match row_generation r with GenerationKept => true | _ => false end.
Definition generation_is_first (r : row) : bool := match row_generation r with GenerationFirst => true | _ => false end.
Definition generation_is_next (r : row) : bool := match row_generation r with GenerationNext => true | _ => false end.
Definition epoch_is_kept (r : row) : bool := match row_epoch r with EpochKept => true | _ => false end.
Definition epoch_is_beyond (r : row) : bool := match row_epoch r with EpochBeyondPresented => true | _ => false end.
Definition repeated_is_kept (r : row) : bool := match row_repeated r with RepeatedKept => true | _ => false end.
Definition repeated_is_set (r : row) : bool := match row_repeated r with RepeatedSet => true | _ => false end.

Definition stays (r : row) : bool := negb (row_written r) && negb (gives (row_command r)).

(** The names of the checks. *)
Inductive check :=
  NothingStray | GivenIsWritten | EndedIsFinal | EndedAnswersNothing | ConversationComesFirst | CodeComesFromConsent
| CodeBuysOnce | CodeIsBound | RefreshIsBound | RefreshMovesOn | OnlineNeedsSession | PolicyDecides | ReplayRevokes
| ReuseRevokes | StrangersChangeNothing | WrongBrowserChangesNothing | WrongBindingGivesNothing | EpochsGrow
| RevocationEnds | RevokedTokenIsInvalid | ActiveComesFromCode.

Definition all_checks : list check :=
  [ NothingStray; GivenIsWritten; EndedIsFinal; EndedAnswersNothing; ConversationComesFirst; CodeComesFromConsent;
    CodeBuysOnce; CodeIsBound; RefreshIsBound; RefreshMovesOn; OnlineNeedsSession; PolicyDecides; ReplayRevokes;
    ReuseRevokes; StrangersChangeNothing; WrongBrowserChangesNothing; WrongBindingGivesNothing; EpochsGrow;
    RevocationEnds; RevokedTokenIsInvalid; ActiveComesFromCode ].

Definition all_of (r : row) (facts : list fact) : bool := forallb (has r) facts.
Definition admits_all (r : row) (facts : list fact) : bool := forallb (admits r) facts.

Definition presents (r : row) : bool := on r CodePresented || on r RefreshTokenPresented.
Definition decides (r : row) : bool :=
  negb (presents r) && negb (on r RevocationRequested) && negb (on r TokenRevocationRequested).

(** The facts under which a code is the app's own, and bound to its request. *)
Definition code_facts : list fact :=
  [SecretRight; ServerOwn; ClientOwn; VerifierRight; TargetRight; RedirectRight].
Definition refresh_facts : list fact := [ServerOwn; ClientOwn; ClientTypeKept; TargetRight; GrantInTime].

Definition row_passes (c : check) (r : row) : bool :=
  match c with
  | NothingStray =>
      match row_generation r with GenerationStray => false | _ => true end &&
      match row_epoch r with EpochStray => false | _ => true end &&
      match row_command r with GivesStray => false | _ => true end
  | GivenIsWritten => implb (gives (row_command r)) (row_written r)
  | EndedIsFinal => implb (ended (row_from r)) (negb (row_written r))
  | EndedAnswersNothing => implb (ended (row_from r)) (negb (gives (row_command r)))
  | ConversationComesFirst => implb (row_written r && in_conversation (row_to r)) (in_conversation (row_from r))
  | CodeComesFromConsent =>
      implb (gives_code (row_command r)) (from_is r AwaitingConsent && on r ConsentGiven && to_is r CodeIssued) &&
      implb (row_written r && to_is r CodeIssued) (gives_code (row_command r))
  | CodeBuysOnce =>
      implb (gives_tokens (row_command r) && on r CodePresented) (from_is r CodeIssued && to_is r Active)
  | ActiveComesFromCode =>
      implb (row_written r && to_is r Active)
        (from_is r Active ||
         (from_is r CodeIssued && on r CodePresented && generation_is_first r && gives_tokens (row_command r))) &&
      implb (row_written r && to_is r Backend) (from_is r Backend && negb (gives (row_command r)))
  | CodeIsBound =>
      implb (gives_tokens (row_command r) && on r CodePresented)
        (all_of r (code_facts ++ [CodeInTime; RegistrationKept]))
  | RefreshIsBound =>
      implb (gives_tokens (row_command r)) (on r CodePresented || on r RefreshTokenPresented) &&
      implb (gives_tokens (row_command r) && on r RefreshTokenPresented)
        (all_of r refresh_facts && negb (admits r RefreshNone) && from_is r Active && to_is r Active)
  | RefreshMovesOn =>
      implb (from_is r Active && to_is r Active && row_written r)
        (if gives_tokens (row_command r)
         then (has r GenerationCurrent && generation_is_next r) ||
              (has r GenerationCurrent && generation_is_kept r && repeated_is_set r) ||
              (has r GenerationPrevious && has r GraceOpen && has r NotRepeated && generation_is_kept r &&
               repeated_is_set r)
         else generation_is_kept r && repeated_is_kept r)
  | OnlineNeedsSession =>
      implb (on r RefreshTokenPresented && admits r RefreshOnline && (admits r SessionOver || admits r SessionUnknown))
        (negb (gives_tokens (row_command r)))
  | PolicyDecides => implb (gives_tokens (row_command r)) (has r PermissionGiven)
  | ReplayRevokes =>
      implb (from_is r Active && on r CodePresented && admits_all r code_facts) (row_written r && to_is r Revoked)
  | ReuseRevokes =>
      implb
        (from_is r Active && on r RefreshTokenPresented && admits_all r refresh_facts &&
         (admits r RefreshOffline || admits r RefreshOnline) &&
         (admits r GenerationOlder ||
          (admits r GenerationPrevious && (admits r GraceClosed || admits r WasRepeated))))
        (row_written r && to_is r Revoked)
  | StrangersChangeNothing =>
      implb (on r CodePresented && (admits r SecretWrong || admits r ServerOther || admits r ClientOther)) (stays r) &&
      implb (on r RefreshTokenPresented && (admits r ServerOther || admits r ClientOther || admits r ClientTypeLost))
        (stays r) &&
      implb
        (on r TokenRevocationRequested && (admits r ClientOther || (admits r ServerOther && negb (ended (row_from r)))))
        (stays r && (ended (row_from r) || negb (confirms (row_command r))))
  | WrongBrowserChangesNothing =>
      implb (decides r && (admits r BrowserWrong || admits r FormWrong || admits r ServerOther)) (stays r) &&
      implb (decides r && admits r InteractionInTime && admits r UserOther && negb (from_is r AwaitingUser)) (stays r)
  | WrongBindingGivesNothing =>
      implb
        (on r CodePresented && (admits r VerifierWrong || admits r VerifierMissing || admits r RedirectWrong))
        (negb (gives (row_command r)))
  | EpochsGrow =>
      implb (from_is r Active && to_is r Active || from_is r Backend && to_is r Backend)
        (negb (row_written r) || epoch_is_kept r || (epoch_is_beyond r && (has r EpochCurrent || has r EpochAhead)))
  | RevocationEnds =>
      implb (on r RevocationRequested && negb (ended (row_from r))) (row_written r && to_is r Revoked)
  | RevokedTokenIsInvalid =>
      implb
        (on r TokenRevocationRequested && admits r ServerOwn && admits r ClientOwn && negb (ended (row_from r)))
        (implb (admits r TokenIsRefresh) (row_written r && to_is r Revoked)) &&
      implb
        (on r TokenRevocationRequested && admits r ServerOwn && admits r ClientOwn && admits r TokenIsAccess &&
         admits r TokenInTime && (admits r EpochCurrent || admits r EpochAhead) && negb (ended (row_from r)))
        (row_written r && (to_is r Revoked || epoch_is_beyond r))
  end.

Definition passes (relation : list row) (c : check) : bool := forallb (row_passes c) relation.

(** The checks that the relation fails. *)
Definition failing (relation : list row) : list check := filter (fun c => negb (passes relation c)) all_checks.

(** ** What the checks imply *)

Lemma implication : forall a b, implb a b = true -> a = true -> b = true.
Proof. intros [|] [|]; simpl; congruence. Qed.

Lemma is_tag_true : forall a b, is_tag a b = true -> a = b.
Proof. intros a b. unfold is_tag. destruct (tag_eq a b); congruence. Qed.

Lemma is_tag_same : forall a, is_tag a a = true.
Proof. intro a. unfold is_tag. destruct (tag_eq a a); congruence. Qed.

Lemma is_kind_true : forall a b, is_kind a b = true -> a = b.
Proof. intros a b. unfold is_kind. destruct (kind_eq a b); congruence. Qed.

Lemma is_kind_same : forall a, is_kind a a = true.
Proof. intro a. unfold is_kind. destruct (kind_eq a a); congruence. Qed.

Lemma has_holds : forall r e f, Forall (holds e) (row_facts r) -> has r f = true -> holds e f.
Proof.
  intros r e f H. unfold has. rewrite existsb_exists. intros [f' [Hin Heq]].
  destruct (fact_eq f f'); [subst | congruence]. rewrite Forall_forall in H. auto.
Qed.

Lemma all_of_holds : forall r e fs, Forall (holds e) (row_facts r) -> all_of r fs = true -> Forall (holds e) fs.
Proof.
  intros r e fs H Hall. unfold all_of in Hall. rewrite forallb_forall in Hall. rewrite Forall_forall.
  intros f Hin. eapply has_holds; eauto.
Qed.

Lemma holds_admits : forall r e f, Forall (holds e) (row_facts r) -> holds e f -> admits r f = true.
Proof.
  intros r e f H Hf. unfold admits. apply forallb_forall. intros f' Hin.
  rewrite Forall_forall in H. specialize (H f' Hin). unfold holds in *.
  destruct (question_eq (question_of f) (question_of f')) as [Hq|]; [|reflexivity].
  destruct (fact_eq f f'); congruence.
Qed.

Lemma holds_admits_all : forall r e fs,
  Forall (holds e) (row_facts r) -> Forall (holds e) fs -> admits_all r fs = true.
Proof.
  intros r e fs H Hfs. unfold admits_all. apply forallb_forall. intros f Hin.
  eapply holds_admits; eauto. rewrite Forall_forall in Hfs. auto.
Qed.

Section Checked.

Variable relation : list row.
Hypothesis checked : failing relation = [].

Lemma every_row_passes : forall c r, In r relation -> row_passes c r = true.
Proof.
  intros c r Hin. destruct (passes relation c) eqn:Hp.
  - unfold passes in Hp. rewrite forallb_forall in Hp. auto.
  - exfalso. assert (In c (failing relation)) as Hf.
    { unfold failing. apply filter_In. split; [destruct c; simpl; tauto | rewrite Hp; reflexivity]. }
    rewrite checked in Hf. exact Hf.
Qed.

(** Uses the check [c] of the row in the goal's step. *)
Ltac by_check c r Hin :=
  let H := fresh "Hc" in pose proof (every_row_passes c r Hin) as H; cbn [row_passes] in H.

Ltac ands := repeat match goal with
  | H : (_ && _) = true |- _ => apply andb_true_iff in H; destruct H
  | H : negb _ = true |- _ => apply negb_true_iff in H
  end.

Lemma unwritten_stays : forall r g e, row_written r = false -> after r g e = g.
Proof. intros r g e H. unfold after. rewrite H. reflexivity. Qed.

Lemma written_tag : forall r g e, row_written r = true -> tag_of (after r g e) = row_to r.
Proof. intros r g e H. unfold after. rewrite H. reflexivity. Qed.

Lemma stays_means : forall r g e, stays r = true -> after r g e = g /\ gives (row_command r) = false.
Proof. intros r g e H. unfold stays in H. ands. split; auto using unwritten_stays. Qed.

(** Denied, Revoked and Expired are final: nothing is changed and nothing is given any more. *)
Theorem ended_is_final : forall g e g' c,
  step relation g e g' c -> ended (tag_of g) = true -> g' = g /\ gives c = false.
Proof.
  intros g e g' c H Hended. destruct H as [r Hin Hfrom Hon Hcons Hfacts].
  by_check EndedIsFinal r Hin. by_check EndedAnswersNothing r Hin. rewrite Hfrom, Hended in *.
  simpl in *. ands. split; auto using unwritten_stays.
Qed.

Corollary revoked_is_final : forall g e g' c,
  step relation g e g' c -> tag_of g = Revoked -> g' = g /\ gives c = false.
Proof. intros g e g' c H Ht. eapply ended_is_final; eauto. rewrite Ht. reflexivity. Qed.

(** Whoever has not the code's secret, is another client, or asks another server changes nothing and gets nothing. *)
Theorem others_change_nothing : forall g e g' c,
  step relation g e g' c ->
  (kind_of e = CodePresented /\ (holds e SecretWrong \/ holds e ServerOther \/ holds e ClientOther)) \/
  (kind_of e = RefreshTokenPresented /\ (holds e ServerOther \/ holds e ClientOther \/ holds e ClientTypeLost)) \/
  (kind_of e = TokenRevocationRequested /\ holds e ClientOther) ->
  g' = g /\ gives c = false.
Proof.
  intros g e g' c H Hwho. destruct H as [r Hin Hfrom Hon Hcons Hfacts].
  by_check StrangersChangeNothing r Hin. ands. apply stays_means.
  destruct Hwho as [[Hk Hf]|[[Hk Hf]|[Hk Hf]]].
  - eapply implication; [exact H|]. unfold on. rewrite Hon, Hk, is_kind_same.
    destruct Hf as [Hf|[Hf|Hf]]; rewrite (holds_admits _ _ _ Hfacts Hf); rewrite ?orb_true_r; reflexivity.
  - eapply implication; [exact H1|]. unfold on. rewrite Hon, Hk, is_kind_same.
    destruct Hf as [Hf|[Hf|Hf]]; rewrite (holds_admits _ _ _ Hfacts Hf); rewrite ?orb_true_r; reflexivity.
  - assert (stays r && (ended (row_from r) || negb (confirms (row_command r))) = true) as Hs.
    { eapply implication; [exact H0|]. unfold on.
      rewrite Hon, Hk, is_kind_same, (holds_admits _ _ _ Hfacts Hf). reflexivity. }
    ands. assumption.
Qed.

(** A decision from another browser, without the form's token, or of another user changes nothing. *)
Theorem wrong_browser_changes_nothing : forall g e g' c,
  step relation g e g' c ->
  In (kind_of e) [UserSignedIn; ContextChosen; ContextUnavailable; PageNeeded; ConsentGiven; UserDenied] ->
  holds e BrowserWrong \/ holds e FormWrong \/ holds e ServerOther \/
    (holds e InteractionInTime /\ holds e UserOther /\ tag_of g <> AwaitingUser) ->
  g' = g /\ gives c = false.
Proof.
  intros g e g' c H Hk Hwho. destruct H as [r Hin Hfrom Hon Hcons Hfacts].
  by_check WrongBrowserChangesNothing r Hin. ands. apply stays_means.
  assert (decides r = true) as Hd.
  { unfold decides, presents, on. rewrite Hon.
    simpl in Hk; repeat destruct Hk as [Hk|Hk]; rewrite <- ?Hk; try reflexivity; contradiction. }
  destruct Hwho as [Hf|[Hf|[Hf|[Ht [Hf Hn]]]]];
    try (eapply implication; [exact H|]; rewrite Hd, (holds_admits _ _ _ Hfacts Hf); rewrite ?orb_true_r; reflexivity).
  eapply implication; [exact H0|].
  rewrite Hd, (holds_admits _ _ _ Hfacts Hf), (holds_admits _ _ _ Hfacts Ht).
  assert (from_is r AwaitingUser = false) as Hne.
  { unfold from_is, is_tag. destruct (tag_eq (row_from r) AwaitingUser); congruence. }
  rewrite Hne. reflexivity.
Qed.

(** Tokens are bought with a code only by its client, with its secret, its redirect URI and its verifier, in time. *)
Theorem code_is_bound : forall g e g' c,
  step relation g e g' c -> kind_of e = CodePresented -> gives_tokens c = true ->
  tag_of g = CodeIssued /\ tag_of g' = Active /\ generation g' = 0 /\
  Forall (holds e) (code_facts ++ [CodeInTime; RegistrationKept; PermissionGiven]).
Proof.
  intros g e g' c H Hk Hg. destruct H as [r Hin Hfrom Hon Hcons Hfacts].
  by_check CodeIsBound r Hin. by_check CodeBuysOnce r Hin. by_check PolicyDecides r Hin.
  by_check GivenIsWritten r Hin. by_check ActiveComesFromCode r Hin.
  unfold on in *. rewrite Hon, Hk, is_kind_same, Hg in *.
  assert (gives (row_command r) = true) as Hgives by (destruct (row_command r); simpl in *; congruence).
  rewrite Hgives in *. simpl in *. ands.
  match goal with H : from_is r CodeIssued = true |- _ => unfold from_is in H; apply is_tag_true in H; rename H into Hf end.
  match goal with H : to_is r Active = true |- _ => pose proof H as Htb; unfold to_is in H; apply is_tag_true in H; rename H into Ht end.
  rewrite Hc2, Htb in *. simpl in *.
  assert (generation_is_first r = true) as Hfirst.
  { unfold from_is in *. rewrite Hf in *. simpl in *. ands. assumption. }
  repeat split.
  - congruence.
  - rewrite written_tag by assumption. assumption.
  - unfold after. rewrite Hc2. simpl. unfold generation_after, generation_is_first in *.
    destruct (row_generation r); congruence.
  - eapply all_of_holds; eauto. unfold all_of, code_facts in *. simpl in *. ands.
    repeat (apply andb_true_iff; split); auto.
Qed.

(** A second valid presentation of a code revokes the grant. *)
Theorem replay_revokes : forall g e g' c,
  step relation g e g' c -> tag_of g = Active -> kind_of e = CodePresented -> Forall (holds e) code_facts ->
  tag_of g' = Revoked.
Proof.
  intros g e g' c H Ht Hk Hf. destruct H as [r Hin Hfrom Hon Hcons Hfacts].
  by_check ReplayRevokes r Hin. unfold on, from_is in *.
  rewrite Hon, Hk, Hfrom, Ht, is_kind_same, is_tag_same, (holds_admits_all _ _ _ Hfacts Hf) in *.
  simpl in *. ands. rewrite written_tag by assumption. apply is_tag_true. assumption.
Qed.

(** A refresh token of an older generation revokes the grant; so does the previous one outside the grace period. *)
Theorem reuse_revokes : forall g e g' c,
  step relation g e g' c -> tag_of g = Active -> kind_of e = RefreshTokenPresented ->
  Forall (holds e) refresh_facts -> holds e RefreshOffline \/ holds e RefreshOnline ->
  presented_generation e < generation g ->
  S (presented_generation e) < generation g \/ holds e GraceClosed \/ repeated g = true ->
  tag_of g' = Revoked.
Proof.
  intros g e g' c H Ht Hk Hf Hkind Hlt Hold. destruct H as [r Hin Hfrom Hon Hcons Hfacts].
  destruct Hcons as [Hgen [Hep Hrep]].
  by_check ReuseRevokes r Hin. unfold on, from_is in *.
  rewrite Hon, Hk, Hfrom, Ht, is_kind_same, is_tag_same, (holds_admits_all _ _ _ Hfacts Hf) in *.
  assert (admits r RefreshOffline || admits r RefreshOnline = true) as Hkinds.
  { destruct Hkind as [Hr|Hr]; rewrite (holds_admits _ _ _ Hfacts Hr); rewrite ?orb_true_r; reflexivity. }
  rewrite Hkinds in Hc. simpl in Hc.
  assert (row_written r && to_is r Revoked = true) as Hr.
  { eapply implication; [exact Hc|]. unfold generation_order in Hgen.
    destruct (generation g <? presented_generation e) eqn:H1; [apply Nat.ltb_lt in H1; lia|].
    destruct (presented_generation e =? generation g) eqn:H2; [apply Nat.eqb_eq in H2; lia|].
    destruct (S (presented_generation e) =? generation g) eqn:H3.
    - apply Nat.eqb_eq in H3.
      rewrite (holds_admits r e GenerationPrevious Hfacts Hgen).
      destruct Hold as [Ho|[Ho|Ho]]; [lia| |].
      + rewrite (holds_admits r e GraceClosed Hfacts Ho). rewrite ?orb_true_r; reflexivity.
      + rewrite Ho in Hrep. rewrite (holds_admits r e WasRepeated Hfacts Hrep). rewrite ?orb_true_r; reflexivity.
    - rewrite (holds_admits r e GenerationOlder Hfacts Hgen). reflexivity. }
  ands. rewrite written_tag by assumption. apply is_tag_true. assumption.
Qed.

(** What a refresh token can lead to: the next generation; the same generation, where tokens are not rotated; or, once
    and inside the grace period, the same successor again. *)
Inductive moves (g : grant) (e : event) (g' : grant) : Prop :=
| rotates : presented_generation e = generation g -> generation g' = S (generation g) -> moves g e g'
| keeps : presented_generation e = generation g -> generation g' = generation g -> repeated g' = true -> moves g e g'
| repeats : S (presented_generation e) = generation g -> generation g' = generation g -> repeated g = false ->
    repeated g' = true -> holds e GraceOpen -> moves g e g'.

Lemma current_means : forall r g e,
  consistent g e -> Forall (holds e) (row_facts r) -> has r GenerationCurrent = true ->
  presented_generation e = generation g.
Proof.
  intros r g e [Hgen _] Hfacts Hh. pose proof (has_holds _ _ _ Hfacts Hh) as Hhold. unfold holds in Hhold. simpl in Hhold.
  rewrite Hgen in Hhold. unfold generation_order in Hhold.
  destruct (generation g <? presented_generation e); [congruence|].
  destruct (presented_generation e =? generation g) eqn:H2; [apply Nat.eqb_eq in H2; assumption|].
  destruct (S (presented_generation e) =? generation g); congruence.
Qed.

Lemma previous_means : forall r g e,
  consistent g e -> Forall (holds e) (row_facts r) -> has r GenerationPrevious = true ->
  S (presented_generation e) = generation g.
Proof.
  intros r g e [Hgen _] Hfacts Hh. pose proof (has_holds _ _ _ Hfacts Hh) as Hhold. unfold holds in Hhold. simpl in Hhold.
  rewrite Hgen in Hhold. unfold generation_order in Hhold.
  destruct (generation g <? presented_generation e); [congruence|].
  destruct (presented_generation e =? generation g); [congruence|].
  destruct (S (presented_generation e) =? generation g) eqn:H2; [apply Nat.eqb_eq in H2; assumption|congruence].
Qed.

Theorem refresh_is_bound : forall g e g' c,
  step relation g e g' c -> gives_tokens c = true -> kind_of e <> CodePresented ->
  kind_of e = RefreshTokenPresented /\ tag_of g = Active /\ tag_of g' = Active /\
  Forall (holds e) (refresh_facts ++ [PermissionGiven]) /\ ~ holds e RefreshNone /\ moves g e g'.
Proof.
  intros g e g' c H Hg Hk. destruct H as [r Hin Hfrom Hon Hcons Hfacts].
  by_check RefreshIsBound r Hin. by_check RefreshMovesOn r Hin. by_check PolicyDecides r Hin.
  by_check GivenIsWritten r Hin. rewrite Hg in *. simpl in *.
  assert (gives (row_command r) = true) as Hgives by (destruct (row_command r); simpl in *; congruence).
  rewrite Hgives in *. simpl in *. ands.
  assert (on r CodePresented = false) as Hnc.
  { unfold on, is_kind. rewrite Hon. destruct (kind_eq (kind_of e) CodePresented); congruence. }
  rewrite Hnc in *. simpl in *.
  match goal with H : on r RefreshTokenPresented = true |- _ => rename H into Hr end.
  rewrite Hr in *. simpl in *. ands.
  rewrite ?Hc2 in *.
  match goal with H : from_is r Active = true |- _ => pose proof H as Hfb; unfold from_is in H; apply is_tag_true in H; rename H into Hf end.
  match goal with H : to_is r Active = true |- _ => pose proof H as Htb; unfold to_is in H; apply is_tag_true in H; rename H into Ht end.
  match goal with H : admits r RefreshNone = false |- _ => rename H into Hnone end.
  rewrite Hfb, Htb in Hc0. simpl in Hc0.
  split; [unfold on in Hr; apply is_kind_true in Hr; congruence|].
  split; [congruence|]. split; [rewrite written_tag by assumption; assumption|].
  split. { eapply all_of_holds; eauto. unfold all_of, refresh_facts in *. simpl in *. ands.
           repeat (apply andb_true_iff; split); auto. }
  split. { intro Hn. rewrite (holds_admits _ _ _ Hfacts Hn) in Hnone. congruence. }
  unfold after. rewrite Hc2. apply orb_true_iff in Hc0. destruct Hc0 as [Hc0|Hc0]; [apply orb_true_iff in Hc0; destruct Hc0 as [Hc0|Hc0]|]; ands.
  - apply rotates; [eapply current_means; eauto|]. simpl. unfold generation_after, generation_is_next in *.
    destruct (row_generation r); congruence.
  - apply keeps; [eapply current_means; eauto| |]; simpl; unfold generation_after, generation_is_kept, repeated_after, repeated_is_set in *.
    + destruct (row_generation r); congruence.
    + destruct (row_repeated r); congruence.
  - match goal with H : has r NotRepeated = true |- _ => pose proof (has_holds _ _ _ Hfacts H) as Hnr end.
    apply repeats; [eapply previous_means; eauto| | | |eapply has_holds; eauto].
    + simpl. unfold generation_after, generation_is_kept in *. destruct (row_generation r); congruence.
    + destruct Hcons as [_ [_ Hrep]]. unfold holds in Hnr. simpl in Hnr. rewrite Hrep in Hnr.
      destruct (repeated g); congruence.
    + simpl. unfold repeated_after, repeated_is_set in *. destruct (row_repeated r); congruence.
Qed.

(** Every step from [Active] to [Active] that gives no tokens leaves the refresh token alone. *)
Lemma quiet_steps_keep_generation : forall g e g' c,
  step relation g e g' c -> tag_of g = Active -> tag_of g' = Active -> gives_tokens c = false ->
  generation g' = generation g /\ repeated g' = repeated g.
Proof.
  intros g e g' c H Ht Ht' Hg. destruct H as [r Hin Hfrom Hon Hcons Hfacts].
  by_check RefreshMovesOn r Hin. destruct (row_written r) eqn:Hw.
  - rewrite written_tag in Ht' by assumption. unfold from_is, to_is in Hc.
    rewrite Hfrom, Ht, Ht', is_tag_same, Hg in Hc. simpl in Hc. ands.
    unfold after. rewrite Hw. simpl. unfold generation_after, repeated_after, generation_is_kept, repeated_is_kept in *.
    destruct (row_generation r), (row_repeated r); split; congruence.
  - rewrite unwritten_stays by assumption. auto.
Qed.

(** At most one refresh lineage is alive: every refresh token that is answered with tokens is the current one, or the
    one before it, once and in the grace period, whose answer is the current one again. *)
Theorem one_live_lineage : forall g e g' c,
  step relation g e g' c -> gives_tokens c = true -> kind_of e = RefreshTokenPresented ->
  presented_generation e = generation g \/
  (S (presented_generation e) = generation g /\ generation g' = generation g /\ repeated g = false /\
   holds e GraceOpen).
Proof.
  intros g e g' c H Hg Hk.
  destruct (refresh_is_bound g e g' c H Hg) as [_ [_ [_ [_ [_ Hm]]]]]; [congruence|].
  destruct Hm; auto.
Qed.

(** A grant for as long as the session gives no tokens when the session is over, or not known to last. *)
Theorem online_needs_session : forall g e g' c,
  step relation g e g' c -> kind_of e = RefreshTokenPresented -> holds e RefreshOnline ->
  holds e SessionOver \/ holds e SessionUnknown -> gives_tokens c = false.
Proof.
  intros g e g' c H Hk Ho Hs. destruct H as [r Hin Hfrom Hon Hcons Hfacts].
  by_check OnlineNeedsSession r Hin. unfold on in Hc.
  rewrite Hon, Hk, is_kind_same, (holds_admits _ _ _ Hfacts Ho) in Hc. simpl in Hc.
  apply negb_true_iff. eapply implication; [exact Hc|].
  destruct Hs as [Hs|Hs]; rewrite (holds_admits _ _ _ Hfacts Hs); rewrite ?orb_true_r; reflexivity.
Qed.

(** A code with a wrong verifier or redirect URI gives nothing. *)
Theorem wrong_binding_gives_nothing : forall g e g' c,
  step relation g e g' c -> kind_of e = CodePresented ->
  holds e VerifierWrong \/ holds e VerifierMissing \/ holds e RedirectWrong -> gives c = false.
Proof.
  intros g e g' c H Hk Hw. destruct H as [r Hin Hfrom Hon Hcons Hfacts].
  by_check WrongBindingGivesNothing r Hin. unfold on in Hc. rewrite Hon, Hk, is_kind_same in Hc. simpl in Hc.
  apply negb_true_iff. eapply implication; [exact Hc|].
  destruct Hw as [Hf|[Hf|Hf]]; rewrite (holds_admits _ _ _ Hfacts Hf); rewrite ?orb_true_r; reflexivity.
Qed.

(** A revocation ends a grant that has not ended. *)
Theorem revocation_ends : forall g e g' c,
  step relation g e g' c -> kind_of e = RevocationRequested -> ended (tag_of g) = false -> tag_of g' = Revoked.
Proof.
  intros g e g' c H Hk He. destruct H as [r Hin Hfrom Hon Hcons Hfacts].
  by_check RevocationEnds r Hin. unfold on in Hc. rewrite Hon, Hk, is_kind_same, Hfrom, He in Hc. simpl in Hc. ands.
  rewrite written_tag by assumption. apply is_tag_true. assumption.
Qed.

(** A revoked token is invalid: the grant is revoked, or its epoch is beyond the epoch of the token. *)
Theorem revoked_token_is_invalid : forall g e g' c,
  step relation g e g' c -> kind_of e = TokenRevocationRequested -> holds e ServerOwn -> holds e ClientOwn ->
  ended (tag_of g) = false ->
  (holds e TokenIsRefresh -> tag_of g' = Revoked) /\
  (holds e TokenIsAccess -> holds e TokenInTime -> epoch g <= presented_epoch e ->
   tag_of g' = Revoked \/ presented_epoch e < epoch g').
Proof.
  intros g e g' c H Hk Hs Hcl He. destruct H as [r Hin Hfrom Hon Hcons Hfacts].
  by_check RevokedTokenIsInvalid r Hin. ands. unfold on in *.
  rewrite Hon, Hk, is_kind_same, Hfrom, He, (holds_admits _ _ _ Hfacts Hs), (holds_admits _ _ _ Hfacts Hcl) in *.
  simpl in *. split.
  - intro Hr. rewrite (holds_admits _ _ _ Hfacts Hr) in H. simpl in H. ands.
    rewrite written_tag by assumption. apply is_tag_true. assumption.
  - intros Ha Hti Hle. rewrite (holds_admits _ _ _ Hfacts Ha), (holds_admits _ _ _ Hfacts Hti) in H0. simpl in H0.
    assert (row_written r && (to_is r Revoked || epoch_is_beyond r) = true) as Hd.
    { eapply implication; [exact H0|]. destruct Hcons as [_ [Hep _]]. unfold epoch_order in Hep.
      rewrite andb_true_r.
      destruct (epoch g <? presented_epoch e) eqn:H1.
      - rewrite (holds_admits r e EpochAhead Hfacts Hep). rewrite ?orb_true_r; reflexivity.
      - destruct (presented_epoch e =? epoch g) eqn:H2.
        + rewrite (holds_admits r e EpochCurrent Hfacts Hep). reflexivity.
        + apply Nat.ltb_ge in H1. apply Nat.eqb_neq in H2. lia. }
    ands. match goal with H : _ || _ = true |- _ => apply orb_true_iff in H; destruct H as [Hd|Hd] end.
    + left. rewrite written_tag by assumption. apply is_tag_true. assumption.
    + right. unfold after. rewrite H1. simpl. unfold epoch_after, epoch_is_beyond in *. destruct (row_epoch r); try congruence. lia.
Qed.

(** Epochs never go back while a grant is active, so an invalid access token stays invalid. *)
Theorem epochs_grow : forall g e g' c,
  step relation g e g' c -> tag_of g = Active \/ tag_of g = Backend -> tag_of g' = tag_of g -> epoch g <= epoch g'.
Proof.
  intros g e g' c H Ht Ht'. destruct H as [r Hin Hfrom Hon Hcons Hfacts].
  by_check EpochsGrow r Hin. destruct (row_written r) eqn:Hw; [|rewrite unwritten_stays by assumption; lia].
  rewrite written_tag in Ht' by assumption.
  assert (epoch_is_kept r || epoch_is_beyond r && (has r EpochCurrent || has r EpochAhead) = true) as Hd.
  { unfold from_is, to_is in Hc. rewrite Ht', Hfrom in Hc.
    destruct Ht as [Ht|Ht]; rewrite Ht in Hc; simpl in Hc; exact Hc. }
  unfold after. rewrite Hw. simpl. unfold epoch_after, epoch_is_kept, epoch_is_beyond in *.
  apply orb_true_iff in Hd. destruct Hd as [Hd|Hd].
  - destruct (row_epoch r); try congruence. lia.
  - ands. destruct (row_epoch r); try congruence.
    destruct Hcons as [_ [Hep _]]. unfold epoch_order in Hep.
    match goal with H : _ || _ = true |- _ => apply orb_true_iff in H; destruct H as [Hh|Hh] end;
      pose proof (has_holds _ _ _ Hfacts Hh) as Hhold; unfold holds in Hhold; simpl in Hhold; rewrite Hep in Hhold;
      destruct (epoch g <? presented_epoch e) eqn:H2; try congruence;
      try (apply Nat.ltb_lt in H2; lia);
      destruct (presented_epoch e =? epoch g) eqn:H3; try congruence; apply Nat.eqb_eq in H3; lia.
Qed.

(** Where each kind of answer comes from. *)
Lemma code_comes_from_consent : forall g e g' c,
  step relation g e g' c -> gives_code c = true ->
  tag_of g = AwaitingConsent /\ tag_of g' = CodeIssued /\ kind_of e = ConsentGiven.
Proof.
  intros g e g' c H Hg. destruct H as [r Hin Hfrom Hon Hcons Hfacts].
  by_check CodeComesFromConsent r Hin. by_check GivenIsWritten r Hin.
  assert (gives (row_command r) = true) as Hgives by (destruct (row_command r); simpl in *; congruence).
  rewrite Hg, Hgives in *. simpl in *. ands. unfold from_is, to_is, on in *.
  repeat match goal with H : is_tag _ _ = true |- _ => apply is_tag_true in H | H : is_kind _ _ = true |- _ => apply is_kind_true in H end.
  repeat split; try congruence. rewrite written_tag by assumption. assumption.
Qed.

Lemma given_is_written : forall g e g' c, step relation g e g' c -> gives c = true ->
  exists r, In r relation /\ g' = after r g e /\ row_written r = true /\ c = row_command r.
Proof.
  intros g e g' c H Hg. destruct H as [r Hin Hfrom Hon Hcons Hfacts].
  by_check GivenIsWritten r Hin. rewrite Hg in Hc. simpl in Hc. exists r. auto.
Qed.

Lemma stray_is_never_given : forall g e g' c, step relation g e g' c -> c <> GivesStray.
Proof.
  intros g e g' c H. destruct H as [r Hin Hfrom Hon Hcons Hfacts].
  by_check NothingStray r Hin. ands. destruct (row_command r); congruence.
Qed.

(** Which states can follow which. *)
Lemma conversation_comes_first : forall g e g' c,
  step relation g e g' c -> in_conversation (tag_of g') = true -> in_conversation (tag_of g) = true.
Proof.
  intros g e g' c H Ht. destruct H as [r Hin Hfrom Hon Hcons Hfacts].
  by_check ConversationComesFirst r Hin. destruct (row_written r) eqn:Hw.
  - rewrite written_tag in Ht by assumption. rewrite Ht, Hfrom in Hc. simpl in Hc. exact Hc.
  - rewrite unwritten_stays in Ht by assumption. exact Ht.
Qed.

Lemma code_issued_comes_from : forall g e g' c,
  step relation g e g' c -> tag_of g' = CodeIssued -> g' = g \/ gives_code c = true.
Proof.
  intros g e g' c H Ht. destruct H as [r Hin Hfrom Hon Hcons Hfacts].
  by_check CodeComesFromConsent r Hin. ands. destruct (row_written r) eqn:Hw.
  - right. rewrite written_tag in Ht by assumption. unfold to_is in *. rewrite Ht in *. simpl in *. assumption.
  - left. apply unwritten_stays. assumption.
Qed.

Lemma active_comes_from : forall g e g' c,
  step relation g e g' c -> tag_of g' = Active ->
  tag_of g = Active \/ (tag_of g = CodeIssued /\ kind_of e = CodePresented /\ generation g' = 0 /\ gives_tokens c = true).
Proof.
  intros g e g' c H Ht. destruct H as [r Hin Hfrom Hon Hcons Hfacts].
  by_check ActiveComesFromCode r Hin. ands. destruct (row_written r) eqn:Hw.
  - pose proof Ht as Hta. rewrite written_tag in Hta by assumption. unfold to_is in *. rewrite Hta in *. simpl in *.
    match goal with H : _ || _ = true |- _ => apply orb_true_iff in H; destruct H as [Hd|Hd] end.
    + left. unfold from_is in Hd. apply is_tag_true in Hd. congruence.
    + right. ands. unfold from_is, on in *. repeat split.
      * match goal with H : is_tag _ _ = true |- _ => apply is_tag_true in H end. congruence.
      * match goal with H : is_kind _ _ = true |- _ => apply is_kind_true in H end. congruence.
      * unfold after. rewrite Hw. simpl. unfold generation_after, generation_is_first in *.
        destruct (row_generation r); congruence.
      * assumption.
  - left. rewrite unwritten_stays in Ht by assumption. assumption.
Qed.

End Checked.
