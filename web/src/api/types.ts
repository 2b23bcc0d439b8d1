// The words of the API, by the names that the client uses. They come from docs/openapi.
import type { components } from "./schema";

// What was received is not changed: a newer version of it replaces it.
export type Frozen<T> = T extends readonly (infer E)[]
  ? readonly Frozen<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T;

export type Schemas = Frozen<components["schemas"]>;

export type Id = number;
export type Time = string;
export type ApiUser = Schemas["User"];
export type ApiWorkspace = Schemas["Workspace"];
export type ApiChat = Schemas["Chat"];
export type ApiChatSummary = Schemas["ChatSummary"];
export type ApiPublicChannel = Schemas["PublicChannel"];
export type ApiMember = Schemas["ChatMember"];
export type ApiMessage = Schemas["Message"];
export type ApiMessagePreview = Schemas["MessagePreview"];
export type ApiThread = Schemas["Thread"];
export type ApiFollowedThread = Schemas["FollowedThread"];
export type ApiMention = Schemas["Mention"];
export type ApiDraft = Schemas["Draft"];
export type ApiOnlineUser = Schemas["OnlineUser"];
export type ApiPreferences = Schemas["Preferences"];
export type ApiChatPreferences = Schemas["ChatPreferences"];
export type ApiReadState = Schemas["ReadState"];
export type ApiReceipt = Schemas["Receipt"];
export type ApiFile = Schemas["File"];
export type ApiSearchResult = Schemas["SearchResult"];
export type ApiSearchHit = Schemas["SearchHit"];
export type ApiInvitation = Schemas["Invitation"];
export type ApiNewInvitation = Schemas["NewInvitation"];
export type ApiInvitationOffer = Schemas["InvitationOffer"];
export type ApiMessageEdit = Schemas["MessageEdit"];
export type ApiProblem = Schemas["Problem"];
export type AuthResponse = Schemas["AuthResponse"];
export type Attachment = Schemas["Attachment"];
export type Reaction = Schemas["Reaction"];
export type MentionRange = Schemas["MentionRange"];
export type ChatType = Schemas["ChatType"];
export type Role = Schemas["Role"];
export type WhoMay = Schemas["WhoMay"];
export type ErrorCode = Schemas["ErrorCode"];
